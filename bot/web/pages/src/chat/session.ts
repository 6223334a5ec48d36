// Calls to the server while the session lasts, and what the page says once it has ended.

import { $, make, makeButton } from '../shared/dom.js';
import { ApiError, call } from './api.js';

const kSessionGone = 'This session has ended. Open the address that Frontdesk printed when it started, or reload this page.';

let gone = false;
let ended: () => void = () => {};

export const sessionGone = () => gone;

export function startSession(onEnd: () => void): void {
  ended = onEnd;
}

/** Result: the server's JSON. Throws an ApiError; an ended session is told of at once. */
export async function api<T>(path: string, body?: object): Promise<T> {
  try {
    return await call<T>(body ? 'POST' : 'GET', path, body);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      endSession();
      throw new ApiError(kSessionGone, 401);
    }
    throw error;
  }
}

function endSession() {
  gone = true;
  ended();
  $('connection').textContent = '';
  $('session').replaceChildren(make('span', { textContent: kSessionGone }), makeButton('action plain', 'Reload', () => location.reload()));
  $('session').hidden = false;
}
