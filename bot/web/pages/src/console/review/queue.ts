// The review queue on the page: which turn is judged now, what is kept for later, how far it is.

import { useEffect, useRef, useState } from 'preact/hooks';
import { get, sentence } from '../api.js';
import { listen } from '../live.js';
import { judge } from '../log/verdicts.js';
import type { Review, ReviewItem, Verdict } from '../log/types.js';

export interface Queue {
  loaded: boolean;
  error: string;
  current: ReviewItem | undefined;
  next: ReviewItem | undefined;
  judged: number;
  total: number;
  give: (verdict: Verdict, note: string) => void;
  skip: () => void;
  reload: () => void;
  last: { id: number; verdict: Verdict } | null;
}

interface State {
  items: ReviewItem[];
  loaded: boolean;
  error: string;
  judged: number;
  total: number;
  more: boolean;
}

const kFew = 5;
const kPage = 50;

/** A verdict is sent while the next turn is shown already; if it is refused, the turn comes back and the sentence is shown. */
export function useQueue(): Queue {
  const [state, setState] = useState<State>({ items: [], loaded: false, error: '', judged: 0, total: 0, more: false });
  const [last, setLast] = useState<Queue['last']>(null);
  const gone = useRef(new Set<number>());
  const skipped = useRef(new Set<number>());
  const loading = useRef(false);

  const load = async () => {
    if (loading.current) return;
    loading.current = true;
    try {
      const page = await get<Review>('/review', { limit: kPage });
      setState((before) => {
        const kept = before.items.filter((item) => page.items.some((fresh) => fresh.id === item.id));
        const added = page.items.filter((item) => !gone.current.has(item.id) && !kept.some((known) => known.id === item.id));
        const waiting = page.items.filter((item) => gone.current.has(item.id)).length;  // sent, and not in the answer yet
        return { items: inOrder([...kept, ...added], skipped.current), loaded: true, error: '', judged: page.judged + waiting, total: page.total, more: page.next !== null };
      });
    } catch (error) {
      setState((before) => ({ ...before, loaded: true, error: sentence(error) }));
    } finally {
      loading.current = false;
    }
  };

  useEffect(() => {
    void load();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen(['review', 'decision'], () => {
      clearTimeout(timer);
      timer = setTimeout(load, 1000);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  useEffect(() => { if (state.more && state.items.length < kFew) void load(); }, [state.items.length]);

  const [current, next] = state.items;
  const give = (verdict: Verdict, note: string) => {
    if (!current) return;
    gone.current.add(current.id);
    setLast({ id: current.id, verdict });
    setState((before) => ({ ...before, error: '', judged: before.judged + 1, items: before.items.filter((item) => item.id !== current.id) }));
    judge(current.id, verdict, note).catch((error) => {
      gone.current.delete(current.id);
      setLast(null);
      setState((before) => ({ ...before, error: sentence(error), judged: before.judged - 1, items: [current, ...before.items] }));
    });
  };
  const skip = () => {
    if (!current) return;
    skipped.current.add(current.id);
    setLast(null);
    setState((before) => ({ ...before, items: [...before.items.filter((item) => item.id !== current.id), current] }));
  };
  return { ...state, current, next, last, give, skip, reload: () => void load() };
}

/** What was skipped comes last. */
function inOrder(items: ReviewItem[], skipped: Set<number>): ReviewItem[] {
  return [...items.filter((item) => !skipped.has(item.id)), ...items.filter((item) => skipped.has(item.id))];
}
