// The rows of the log: pages, and what comes while a person reads.

import { useEffect, useRef, useState } from 'preact/hooks';
import { get, sentence } from '../api.js';
import { listen } from '../live.js';
import type { Item, List } from './types.js';

export interface LogList {
  items: Item[];
  /** New rows that are held back. */
  held: Item[];
  /** There are more of them than one page holds. */
  heldMore: boolean;
  more: boolean;
  loading: boolean;
  loaded: boolean;
  error: string;
  showHeld: () => void;
  loadMore: () => void;
  reload: () => void;
}

interface State {
  items: Item[];
  held: Item[];
  heldMore: boolean;
  next: string | null;
  loading: boolean;
  loaded: boolean;
  error: string;
}

const kPage = 50;
const kSettleMs = 250;
const kEmpty: State = { items: [], held: [], heldMore: false, next: null, loading: true, loaded: false, error: '' };

/** What of a fresh first page is not shown yet, and the shown rows with what the page knows of them anew. */
function merge(state: State, page: List<Item>, hold: boolean): State {
  const fresh = new Map(page.items.map((item) => [item.id, item]));
  const items = state.items.map((item) => fresh.get(item.id) ?? item);
  const shown = new Set(items.map((item) => item.id));
  const added = page.items.filter((item) => !shown.has(item.id));
  const gap = added.length === page.items.length && page.items.length > 0 && items.length > 0;
  if (hold && added.length && items.length) return { ...state, items, held: added, heldMore: gap && page.next !== null, loading: false, error: '' };
  // Where not one shown row is among them there may be a hole between the two: begin again from the newest.
  if (gap || !items.length) return { ...kEmpty, items: page.items, next: page.next, loading: false, loaded: true };
  return { ...state, items: [...added, ...items], held: [], heldMore: false, loading: false, error: '' };
}

/** The rows for these filters. New ones come in at once, or are held back while `reading()` says so. */
export function useLogList(filters: string, newestFirst: boolean, reading: () => boolean): LogList {
  const [state, setState] = useState<State>(kEmpty);
  const abort = useRef(new AbortController());
  const ask = useRef(reading);
  ask.current = reading;
  const parameters = new URLSearchParams(filters);
  parameters.set('limit', String(kPage));

  const load = (cursor: string | null, then: (state: State, page: List<Item>) => State) => {
    abort.current.abort();
    abort.current = new AbortController();
    const mine = abort.current.signal;
    const query = new URLSearchParams(parameters);
    if (cursor) query.set('cursor', cursor);
    setState((before) => ({ ...before, loading: true, error: '' }));
    get<List<Item>>('/decisions', query, mine).then((page) => mine.aborted || setState((before) => then(before, page)),
      (error) => mine.aborted || setState((before) => ({ ...before, loading: false, loaded: true, error: sentence(error) })));
  };
  const replace = () => load(null, (_, page) => ({ ...kEmpty, items: page.items, next: page.next, loading: false, loaded: true }));

  useEffect(() => {
    replace();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen(['decision', 'dispatch', 'review'], () => {
      clearTimeout(timer);
      timer = setTimeout(() => load(null, (before, page) => merge(before, page, !newestFirst || ask.current())), kSettleMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
      abort.current.abort();
    };
  }, [filters]);

  return {
    ...state,
    more: state.next !== null,
    showHeld: () => {
      if (newestFirst && !state.heldMore) setState((before) => ({ ...before, items: [...before.held, ...before.items], held: [] }));
      else replace();
    },
    loadMore: () => state.next && load(state.next, (before, page) => ({ ...before, items: [...before.items, ...page.items], next: page.next, loading: false })),
    reload: replace,
  };
}
