// The rows of the log: pages, and what comes while a person reads.

import { useEffect, useRef, useState } from 'preact/hooks';
import { get, sentence } from '../api.js';
import { follow } from '../live.js';
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
  /** Why no older rows came; what comes newly does not clear it. */
  olderError: string;
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
  olderError: string;
}

const kPage = 50;
const kEmpty: State = { items: [], held: [], heldMore: false, next: null, loading: true, loaded: false, error: '', olderError: '' };

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
  const calls = useRef({ first: new AbortController(), older: new AbortController() });
  const isReading = useRef(reading);
  isReading.current = reading;

  /** The newest page, or with a cursor an older one; a second of the same kind replaces the first. */
  const load = (cursor: string | null, then: (state: State, page: List<Item>) => State) => {
    const kind = cursor ? 'older' : 'first';
    calls.current[kind].abort();
    const call = calls.current[kind] = new AbortController();
    const query = new URLSearchParams(filters);
    query.set('limit', String(kPage));
    if (cursor) query.set('cursor', cursor);
    const name = cursor ? 'olderError' : 'error';
    setState((before) => ({ ...before, loading: true, [name]: '' }));
    get<List<Item>>('/decisions', query, call.signal).then((page) => call.signal.aborted || setState((before) => then(before, page)),
      (error) => call.signal.aborted || setState((before) => ({ ...before, loading: false, loaded: true, [name]: sentence(error) })));
  };
  const replace = () => {
    calls.current.older.abort();
    load(null, (_, page) => ({ ...kEmpty, items: page.items, next: page.next, loading: false, loaded: true }));
  };
  const older = () => {
    const from = state.next;
    // Where the rows were begun again meanwhile, this page is no longer the one below them.
    if (from) load(from, (before, page) => (before.next !== from ? before : { ...before, items: [...before.items, ...page.items], next: page.next, loading: false }));
  };

  useEffect(() => {
    replace();
    const stop = follow(['decision', 'dispatch', 'review'], () => load(null, (before, page) => merge(before, page, !newestFirst || isReading.current())));
    return () => {
      stop();
      calls.current.first.abort();
      calls.current.older.abort();
    };
  }, [filters]);

  return {
    ...state,
    more: state.next !== null,
    showHeld: () => {
      if (newestFirst && !state.heldMore) setState((before) => ({ ...before, items: [...before.held, ...before.items], held: [] }));
      else replace();
    },
    loadMore: older,
    reload: replace,
  };
}
