// The shapes of /api/v1/routing.

import type { Bin } from './thresholds.js';

export interface Prices { needless_dispatch: number; missed_dispatch: number; question: number }

/** What somebody set in the console; without numbers: dropped it again. */
export interface Change {
  version: number;
  scope: string;
  ask_at: number | null;
  dispatch_at: number | null;
  prices: Prices | null;
  reason: string;
  by: string;
  at: string;
}

export interface Override {
  scope: string;
  ask_at: number | null;
  ask_at_from: string | null;
  dispatch_at: number | null;
  dispatch_at_from: string | null;
  console: Change | null;
}

export interface Routing {
  ask_at: number;
  ask_at_from: string;
  dispatch_at: number;
  dispatch_at_from: string;
  prices: Prices | null;
  shadow: boolean;
  overrides: Override[];
  calibration: string;
  version: number;
  warnings: string[];
}

export interface Projection { n: number; answer: number; ask: number; dispatch: number; usd: number | null; known_mistakes: number }

export interface Distribution { n: number; bins: Bin[]; days: number }

export interface List<T> { items: T[]; next?: string | null }

export interface Figures {
  n_labelled: number;
  needed_for_figures: number;
  reliability: { p_mean: number; share: number; n: number }[] | null;
  roc: { threshold: number; fpr: number; tpr: number }[] | null;
  auroc: number | null;
  ece: number | null;
  brier: number | null;
  learning: { n: number; ece: number; loss: number }[] | null;
  drift: { day: string; n: number; p_mean: number | null; psi: number | null }[];
}

export interface Tried {
  p: number;
  action: string;
  ask_at: number;
  ask_at_from: string;
  dispatch_at: number;
  dispatch_at_from: string;
  rule: string | null;
  features: { name: string; weight: number }[];
  calibration: unknown;
  assumed?: string | null;
  moved?: string | null;
  shadow?: boolean;
  secretary?: { called: boolean; confidence?: string; logprob?: number };
  why: string[];
}

export interface Setting { name: string; value: unknown; from: string; layers: { from: string; scope: string; value: unknown }[] }

const sources: Record<string, string> = {
  default: 'the built-in default', file: 'the configuration file', global: 'the configuration file', chat: 'the chat’s section of the file',
  user: 'the person’s section of the file', console: 'this console', prices: 'the prices', certified: 'the certificate on labelled turns',
  rate: 'the target rate', budget: 'the budget', thread: 'the thread',
  demo: 'the demo model', access: 'the access lists', pairing: 'pairing',
};

export function sourceText(from: string): string {
  return sources[from] ?? from;
}

/** "chat tg:1" in words; the names of chats and people are not the API's to tell here. */
export function scopeText(scope: string): string {
  if (scope === 'global') return 'Everybody, everywhere';
  const [kind, id] = [scope.slice(0, scope.indexOf(' ')), scope.slice(scope.indexOf(' ') + 1)];
  return kind === 'user' ? `Person ${id}` : kind === 'chat' ? `Chat ${id}` : scope;
}

/** Any value of the settings as one line of text. */
export function settingText(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  if (Array.isArray(value)) return value.length ? value.map(settingText).join(', ') : 'none';
  if (typeof value === 'object') return Object.entries(value).map(([name, part]) => `${name.replaceAll('_', ' ')} ${settingText(part)}`).join(', ');
  return String(value);
}
