// What was stored as JSON, for people: a line for each value, never the notation.

import { Time } from './parts.js';

const kTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** `value` as text; the members of an object as a list of names and values. Nothing is a dash. */
export function Values({ value }: { value: unknown }) {
  if (isNothing(value)) return <span class="unknown">–</span>;
  if (typeof value === 'string' && kTime.test(value)) return <Time at={value} />;
  if (typeof value !== 'object') return <span class="value">{typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)}</span>;
  const entries = Array.isArray(value) ? value.map((item) => ['', item] as const) : Object.entries(value as object).filter(([, inner]) => !isNothing(inner));
  if (!entries.length) return <span class="unknown">–</span>;
  return <ul class="values">{entries.map(([name, inner]) => <li>{name && <span class="soft">{name.replaceAll('_', ' ')}</span>} <Values value={inner} /></li>)}</ul>;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}
