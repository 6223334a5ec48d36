// What the last days would have looked like, while somebody drags: at most one request is on its way, and the last wish wins.
import { get, sentence } from '../api.js';
import type { Projection } from './types.js';
import { useEffect, useRef, useState } from 'preact/hooks';

const kPauseMs = 80;

export interface Projected {
  shown: Projection | null;
  /** Whether `shown` belongs to what was asked for last. */
  fresh: boolean;
  error: string | null;
}

export function useProjection(path: string | null): Projected {
  const [state, setState] = useState<{ path: string | null; shown: Projection | null; error: string | null }>({ path: null, shown: null, error: null });
  const wanted = useRef(path);
  const busy = useRef(false);
  const gone = useRef(false);
  useEffect(() => () => { gone.current = true; }, []);

  useEffect(() => {
    wanted.current = path;
    const next = async () => {
      if (busy.current) return;
      busy.current = true;
      let asked: string | null = null;
      while (!gone.current && wanted.current !== null && wanted.current !== asked) {
        asked = wanted.current;
        const mine = asked;
        try {
          const shown = await get<Projection>(mine);
          if (!gone.current) setState({ path: mine, shown, error: null });
        } catch (problem) {
          if (!gone.current) setState((before) => ({ ...before, path: mine, error: sentence(problem) }));
        }
        await new Promise((resolve) => setTimeout(resolve, kPauseMs));
      }
      busy.current = false;
    };
    void next();
  }, [path]);
  return { shown: state.shown, fresh: state.path === path, error: state.path === path ? state.error : null };
}
