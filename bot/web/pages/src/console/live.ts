// What the server says has changed. An event names a kind, not the news: whoever shows something of that kind asks again.

import { signal } from '@preact/signals';
import { sessionEnded } from './api.js';

export type EventType = 'decision' | 'dispatch' | 'inbox' | 'delivery' | 'routing' | 'review' | 'people' | 'health';

export interface LiveEvent {
  type: EventType | 'again';
  id?: string | number;
}

const kRetryMs = [500, 1000, 2000, 4000, 8000, 15000];

export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

const listeners = new Set<{ types: readonly EventType[]; heard: (event: LiveEvent) => void }>();
let source: EventSource | null = null;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** `heard` is called for these kinds, and with "again" whenever the stream begins, when anything may have changed. Result: ends it. */
export function listen(types: readonly EventType[], heard: (event: LiveEvent) => void): () => void {
  const listener = { types, heard };
  listeners.add(listener);
  return () => listeners.delete(listener);
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
  here.onopen = () => {
    failures = 0;
    connection.value = 'live';
    tell({ type: 'again' });  // what was asked for before the stream was open may be old already
  };
  here.onerror = () => here === source && retry();
  here.onmessage = (event) => here === source && tell(JSON.parse(event.data) as LiveEvent);
}

function retry(): void {
  source?.close();
  source = null;
  connection.value = 'lost';
  if (sessionEnded.value) return;
  const wait = kRetryMs[Math.min(failures, kRetryMs.length - 1)]!;
  failures += 1;
  timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
}

addEventListener('online', () => connection.value === 'lost' && connect());
