// What the server says has changed. An event names a kind, not the news: whoever shows something of that kind asks again.

import { signal } from '@preact/signals';
import { get, sessionEnded } from './api.js';

export type EventType = 'change' | 'decision' | 'dispatch' | 'inbox' | 'delivery' | 'routing' | 'review' | 'people' | 'health';

export interface LiveEvent {
  type: EventType | 'again';
  id?: string | number;
}

const kSoonMs = 150;
const kLeastMs = 1500;
/** The server says that it is there every ten seconds; this is two of them missed. */
const kSilenceMs = 25_000;
/** After so many signs of life, about once a minute, the page asks whether its session lasts: the stream of one that was ended is silent. */
const kSignsToAsk = 6;
const kRetryMs = [500, 1000, 2000, 4000, 8000, 15000];

export const connection = signal<'connecting' | 'live' | 'lost' | 'ended'>('connecting');

const listeners = new Set<{ types: readonly EventType[]; heard: (event: LiveEvent) => void }>();
let source: EventSource | null = null;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let heardAt = 0;

/** `heard` is called for these kinds, and with "again" whenever the stream begins, when anything may have changed. Result: ends it. */
export function listen(types: readonly EventType[], heard: (event: LiveEvent) => void): () => void {
  const listener = { types, heard };
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * `act` is called soon after one of these kinds has changed: once for what comes together, and, however much comes, not again within
 * kLeastMs. A page that nobody sees waits until somebody does. `heed` says which events count. Result: ends it.
 */
export function follow(types: readonly EventType[], act: () => void, heed: (event: LiveEvent) => boolean = () => true): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;
  const run = () => {
    timer = undefined;
    last = performance.now();
    act();
  };
  const plan = () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      if (!document.hidden) run();
      else document.addEventListener('visibilitychange', run, { once: true });
    }, Math.max(kSoonMs, last + kLeastMs - performance.now()));
  };
  const stop = listen(types, (event) => { if (event.type === 'again' || heed(event)) plan(); });
  return () => {
    stop();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', run);
  };
}

function tell(event: LiveEvent): void {
  for (const { types, heard } of [...listeners]) {
    if (event.type === 'again' || types.includes(event.type)) heard(event);
  }
}

/** EventSource's own retry neither backs off nor says that it lost something. */
export function connect(): void {
  clearTimeout(timer);
  source?.close();
  const here = new EventSource('/api/v1/events');
  source = here;
  heardAt = Date.now();
  const heard = () => { if (here === source) heardAt = Date.now(); };
  let signs = 0;
  here.addEventListener('alive', () => {
    heard();
    if (++signs % kSignsToAsk === 0) void get('/me').catch(() => here === source && sessionEnded.value && retry());
  });
  // The server has ended it in favour of newer ones; to come back by itself would end theirs.
  here.addEventListener('ended', () => {
    if (here !== source) return;
    here.close();
    source = null;
    connection.value = 'ended';
  });
  here.onopen = () => {
    heard();
    failures = 0;
    connection.value = 'live';
    tell({ type: 'again' });  // what was asked for before the stream was open may be old already
  };
  here.onerror = () => here === source && retry();
  here.onmessage = (event) => {
    heard();
    if (here === source) tell(JSON.parse(event.data) as LiveEvent);
  };
}

/** A connection that died without a word looks like one on which nothing happens. */
function lookAtSilence(): void {
  if (source && Date.now() - heardAt > kSilenceMs) retry();
}

function retry(): void {
  source?.close();
  source = null;
  connection.value = 'lost';
  if (sessionEnded.value) return;
  const wait = kRetryMs[Math.min(failures, kRetryMs.length - 1)]!;
  failures += 1;
  timer = setTimeout(() => void comeBack(), wait * (0.75 + Math.random() / 2));
}

/** A stream that is refused does not say why: whether the session is over is asked first. */
async function comeBack(): Promise<void> {
  await get('/me').catch(() => {});
  if (!sessionEnded.value && connection.value === 'lost') connect();
}

setInterval(lookAtSilence, 1000);
addEventListener('online', () => connection.value === 'lost' && connect());
addEventListener('offline', () => source && retry());
