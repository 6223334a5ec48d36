// Data of the server that follows its changes.

import { useEffect, useRef, useState } from 'preact/hooks';
import { get, sentence } from './api.js';
import { type EventType, type LiveEvent, follow } from './live.js';

export interface Resource<T> {
  data: T | undefined;
  /** A sentence; the data of before stays. */
  error: string;
  loading: boolean;
  reload: () => void;
  set: (data: T) => void;
}

const kNone: readonly EventType[] = [];

/**
 * GET of `path` (with its query), again whenever one of the kinds `on` changes; null asks for nothing. Events that come in a bunch
 * are one request; `heed` may leave some out. The data stays while a changed path is asked for.
 */
export function useResource<T>(path: string | null, on: readonly EventType[] = kNone, heed?: (event: LiveEvent) => boolean): Resource<T> {
  const [state, setState] = useState<{ data?: T; error: string; loading: boolean }>({ error: '', loading: path !== null });
  const load = useRef(() => {});
  const heeded = useRef(heed);
  heeded.current = heed;
  const kinds = on.join();
  useEffect(() => {
    if (path === null) return;
    let abort = new AbortController();
    load.current = () => {
      abort.abort();
      abort = new AbortController();
      const mine = abort;
      setState((before) => ({ ...before, loading: true }));
      get<T>(path, undefined, mine.signal).then(
        (data) => mine.signal.aborted || setState({ data, error: '', loading: false }),
        (error) => mine.signal.aborted || setState((before) => ({ ...before, error: sentence(error), loading: false })));
    };
    const stop = follow(on, () => load.current(), (event) => heeded.current?.(event) ?? true);
    load.current();
    return () => {
      stop();
      abort.abort();
    };
  }, [path, kinds]);
  return { data: state.data, error: state.error, loading: state.loading, reload: () => load.current(),
    set: (data) => setState({ data, error: '', loading: false }) };
}
