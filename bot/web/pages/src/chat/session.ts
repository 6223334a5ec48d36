// Calls to the server while the session lasts, and what the page says once it has ended.

import { $, make, makeButton, person, signedIn } from '../shared/dom.js';
import { ApiError, call } from './api.js';

const kSessionGone = 'This session has ended. Reload this page to sign in again.';

let gone = false;
let ended: () => void = () => {};

export const sessionGone = () => gone;

export function startSession(onEnd: () => void): void {
  ended = onEnd;
  $('who').textContent = signedIn();
  $('sign-out').addEventListener('click', () => void signOut());
}

/** What is not sent waits for the same person. */
async function signOut(): Promise<void> {
  try {
    await api('/api/v1/logout', {});
    location.assign('/');
  } catch { /* What is wrong stands on the page: the connection, or that the session has ended already. */ }
}

/** The session of this browser may be another one since this page was opened: then nothing of it belongs here. */
export function checkPerson(me: string | undefined): void {
  if (!person() || !me || me === person()) return;
  endSession();
  throw new ApiError(kSessionGone, 401);
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
