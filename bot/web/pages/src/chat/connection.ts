// The event stream, and what the page does when it is cut.

import { $, make, makeButton, uuid } from '../shared/dom.js';
import { forgetUnread, showTyping } from './frame.js';
import { noteAllSeen, onEvent, refresh } from './news.js';
import { resend } from './outbox.js';
import { sessionGone, startSession } from './session.js';
import { view } from './view.js';

const kRetryMs = [500, 1000, 2000, 4000, 8000, 15000];
const kSleepMs = 60000;  // after this long in the background the stream may be dead without an error

/** The server says that it is there every ten seconds; after so long without a word the connection is dead. */
const kSilenceMs = 25000;
/** A browser keeps six connections to one server; a page that finds none free can ask for nothing. */
const kListeningTabs = 4;

let stream: EventSource | null = null;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let hiddenSince = 0;
let silence: ReturnType<typeof setTimeout> | undefined;
/** Newer tabs listen instead, until somebody looks at this one. */
let paused = false;
const tabs = new BroadcastChannel('frontdesk-streams');
const thisTab = uuid();
const newerTabs = new Set<string>();

export function startConnection(): void {
  startSession(closeStream);
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', () => sessionGone() || reconnect());
  addEventListener('offline', reconnectLater);
  tabs.onmessage = ({ data }: MessageEvent<string>) => {
    newerTabs.add(data);
    if (newerTabs.size < kListeningTabs || !document.hidden || !stream) return;
    closeStream();
    paused = true;
  };
}

/** Something else could not reach the server. */
export function checkConnection(): void {
  if (stream) reconnectLater();
}

function closeStream(): void {
  clearTimeout(silence);
  stream?.close();
  stream = null;
}

function heard(): void {
  clearTimeout(silence);
  silence = setTimeout(reconnectLater, kSilenceMs);
}

function connect() {
  closeStream();
  clearTimeout(retryTimer);
  paused = false;
  newerTabs.clear();
  tabs.postMessage(thisTab);
  const source = new EventSource('/api/events');
  stream = source;
  heard();
  const own = (then: (event: MessageEvent<string>) => void) => (event: MessageEvent<string>) => {
    if (source !== stream) return;
    heard();
    then(event);
  };
  // The state is fetched after the stream is open, so that nothing falls between the two.
  source.onopen = () => refresh().then(() => source === stream && connected(), () => source === stream && reconnectLater());
  source.onerror = () => source === stream && reconnectLater();
  source.onmessage = own((event) => onEvent(JSON.parse(event.data)));
  source.addEventListener('alive', own(() => {}));
  source.addEventListener('ended', own(endStream));
}

/** The server has ended it in favour of others; to come back by itself would end theirs. */
function endStream(): void {
  closeStream();
  clearTimeout(retryTimer);
  showTyping(false);
  $('connection').replaceChildren(make('span', { textContent: 'This page is open so often that it does not listen here any more.' }), makeButton('action plain', 'Listen here', () => void reconnect()));
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
  $('connection').textContent = navigator.onLine ? 'Connection lost. Reconnecting…' : 'You are offline. What you write is sent when the connection is back.';
  const wait = kRetryMs[Math.min(failures, kRetryMs.length - 1)];
  failures += 1;
  retryTimer = setTimeout(reconnect, wait * (0.75 + Math.random() / 2));
}

/** Of the chat that is on show now; the stream has all of them. */
export function fetchChat(): void {
  if (stream?.readyState !== EventSource.OPEN) reconnect();
  else refresh().catch(reconnectLater);
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
  noteAllSeen();
  if ((paused || Date.now() - hiddenSince > kSleepMs) && !sessionGone()) reconnect();
}
