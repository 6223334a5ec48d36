// The state of one request that a form or a button makes.

import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, sentence } from './api.js';

export interface Action {
  busy: boolean;
  /** The sentence of what went wrong, '' else. */
  error: string;
  /** The status of the server that refused, 0 else. */
  status: number;
  /** Result: whether it worked. A second one while the first is under way does nothing. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
}

const kNothing = { busy: false, error: '', status: 0 };

export function useAction(): Action {
  const [state, setState] = useState(kNothing);
  const busy = useRef(false);
  const here = useRef(true);
  useEffect(() => () => { here.current = false; }, []);
  const show = (next: typeof kNothing) => { if (here.current) setState(next); };
  const run = async (work: () => Promise<unknown>) => {
    if (busy.current) return false;
    busy.current = true;
    show({ ...kNothing, busy: true });
    try {
      await work();
      show(kNothing);
      return true;
    } catch (problem) {
      show({ busy: false, error: sentence(problem), status: problem instanceof ApiError ? problem.status : 0 });
      return false;
    } finally {
      busy.current = false;
    }
  };
  return { ...state, run, clear: () => setState(kNothing) };
}
