// The event stream, and what the page does when it is cut.

import { $ } from '../shared/dom.js';
import { forgetUnread, showTyping } from './frame.js';
import { onEvent, refresh } from './news.js';
import { resend } from './outbox.js';
import { sessionGone, startSession } from './session.js';
import { view } from './view.js';

const kRetryMs = [500, 1000, 2000, 4000, 8000, 15000];
const kSleepMs = 60000;  // after this long in the background the stream may be dead without an error

let stream: EventSource | null = null;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let hiddenSince = 0;

export function startConnection(): void {
  startSession(closeStream);
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', () => sessionGone() || reconnect());
}

function closeStream(): void {
  stream?.close();
  stream = null;
}

function connect() {
  stream?.close();
  clearTimeout(retryTimer);
  const source = new EventSource('/api/events');
  stream = source;
  // The state is fetched after the stream is open, so that nothing falls between the two.
  source.onopen = () => refresh().then(() => source === stream && connected(), () => source === stream && reconnectLater());
  source.onerror = () => source === stream && reconnectLater();
  source.onmessage = (event) => source === stream && onEvent(JSON.parse(event.data));
}

function connected() {
  failures = 0;
  $('connection').textContent = '';
  void resend();
}

/** EventSource's own retry neither backs off nor notices a session that is gone, so the page does it. */
function reconnectLater() {
  closeStream();
  clearTimeout(retryTimer);
  if (sessionGone()) return;
  showTyping(false);
  $('connection').textContent = 'Connection lost. Reconnecting…';
  const wait = kRetryMs[Math.min(failures, kRetryMs.length - 1)];
  failures += 1;
  retryTimer = setTimeout(reconnect, wait * (0.75 + Math.random() / 2));
}

/** Asks for the state first: its status distinguishes an ended session from a server that is down. */
export function reconnect() {
  const here = view;
  refresh().then(() => here === view && connect(), () => here === view && reconnectLater());
}

function onVisibility() {
  if (document.hidden) {
    hiddenSince = Date.now();
    return;
  }
  forgetUnread();
  if (Date.now() - hiddenSince > kSleepMs && !sessionGone()) reconnect();
}
