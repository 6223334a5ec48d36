// What the navigation and the operations page show of the program's state.

import { signal } from '@preact/signals';
import { get } from './api.js';
import { follow, listen } from './live.js';

export interface Overview {
  version: string;
  demo: boolean;
  model: string;
  uptime_s: number;
  queues: { kind: string; depth: number; oldest_s: number | null }[];
  running: { dispatch: string; project: string; chat: string; person: string | null; started: string; step: string | null; usd: number | null; waiting_for: string | null }[];
  waiting: { dispatch: string; project: string; since: string; reason: string }[];
  inbox: { questions: number; approvals: number; uncertain: number; pairing: number; suspects: number };
  today: { turns: number; answered: number; asked: number; dispatched: number; failed: number; usd: number | null; p50_answer_s: number | null; p95_answer_s: number | null };
}

export const overview = signal<Overview | null>(null);
/** Turns that wait for a verdict. */
export const reviewsWaiting = signal(0);

const kRecountMs = 60_000;  // what is worth a look is a search through the log
let countedAt = 0;

async function load(): Promise<void> {
  try {
    overview.value = await get<Overview>('/overview');
  } catch { /* The sign of the connection tells; the counts of before stay. */ }
}

async function countReviews(): Promise<void> {
  countedAt = Date.now();
  try {
    reviewsWaiting.value = (await get<{ remaining: number }>('/review', { limit: 1 })).remaining;
  } catch { /* As above. */ }
}

/** From now on `overview` follows the server. */
export function followOverview(): void {
  void load();
  void countReviews();
  listen(['review', 'decision'], (event) => {
    if (event.type === 'review' || Date.now() - countedAt > kRecountMs) void countReviews();
  });
  follow(['decision', 'dispatch', 'inbox', 'delivery'], () => void load());
}

export function inboxCount(state: Overview): number {
  return Object.values(state.inbox).reduce((sum, n) => sum + (n ?? 0), 0);
}
