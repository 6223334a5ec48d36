// What a screen shows of the API: asked for when it opens, again when something changed; the last answer wins.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api, onEvent } from './ground';

export interface Resource<T> {
  data: T | null;
  /** The sentence of the last failure; what was there before stays in `data`. */
  error: string | null;
  loading: boolean;
  reload: () => void;
  set: (data: T) => void;
}

export function sentenceOf(problem: unknown): string {
  return problem instanceof Error && problem.message ? problem.message : 'Frontdesk did not answer. Is it still running?';
}

/** GET `path` whenever it changes; null asks for nothing. `events` name the kinds of the event stream after which it is asked for again. */
export function useResource<T>(path: string | null, events: string[] = []): Resource<T> {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [loading, setLoading] = useState(path !== null);
  const asked = useRef(0);
  const shown = useRef(path);

  const reload = useCallback(() => {
    if (path === null) return;
    const mine = ++asked.current;
    setLoading(true);
    const end = (apply: () => void) => {
      if (mine !== asked.current) return;
      setLoading(false);
      apply();
    };
    api.get<T>(path).then(
      (answer) => end(() => {
        setError(null);
        setData(answer);
      }),
      (problem: unknown) => end(() => setError(sentenceOf(problem))),
    );
  }, [path]);

  useEffect(() => {
    if (shown.current !== path) {
      shown.current = path;
      setData(null);
      setError(null);
    }
    reload();
    return () => { ++asked.current; };
  }, [reload]);

  useEffect(() => {
    let timer = 0;
    const later = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(reload, 300);
    };
    const stops = events.map((kind) => onEvent(kind, later));
    return () => {
      window.clearTimeout(timer);
      stops.forEach((stop) => stop());
    };
  }, [reload, events.join()]);

  const set = useCallback((next: T) => {
    ++asked.current;
    setLoading(false);
    setError(null);
    setData(next);
  }, []);
  return { data, error, loading, reload, set };
}

/** The state of one button's request: what it waits for and what went wrong. */
export function useAction(): { busy: boolean; error: string | null; status: number; run: (work: () => Promise<void>) => Promise<boolean>; clear: () => void } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ error: string | null; status: number }>({ error: null, status: 0 });
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem({ error: null, status: 0 });
    try {
      await work();
      return true;
    } catch (caught) {
      const status = (caught as { status?: unknown }).status;
      setProblem({ error: sentenceOf(caught), status: typeof status === 'number' ? status : 0 });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, ...problem, run, clear: () => setProblem({ error: null, status: 0 }) };
}
