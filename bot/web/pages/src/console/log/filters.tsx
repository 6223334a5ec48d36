// The filters of the log. They are the query of the address and of the API alike, so that a view is a link and an export is the view.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { apiAddress } from '../api.js';
import { words } from '../format.js';
import { address, go } from '../place.js';

interface Choice {
  name: string;
  label: string;
  values: string[];
}

const kOutcomes = ['answered', 'asked', 'declined', 'expired', 'failed', 'over_budget', 'queued', 'running', 'success', 'error', 'blocked', 'timeout',
  'cancelled', 'interrupted', 'joined'];
const kChoices: Choice[] = [
  { name: 'outcome', label: 'Outcome', values: kOutcomes },
  { name: 'action', label: 'Decision', values: ['answer', 'ask', 'dispatch'] },
  { name: 'verdict', label: 'Verdict', values: ['none', 'any', 'right', 'should_answer', 'should_dispatch', 'bad_result'] },
];
const kTexts = [
  { name: 'person', label: 'Person', example: 'web:ada' },
  { name: 'chat', label: 'Chat', example: 'web:main' },
  { name: 'project', label: 'Project', example: 'task-api' },
  { name: 'cause', label: 'Cause or rule', example: 'rule:dispatch-command' },
];
const kRanges = [
  { name: 'usd', label: 'Cost in dollars' },
  { name: 'p', label: 'p' },
];
const kLabels: Record<string, string> = {
  q: 'Words', outcome: 'Outcome', action: 'Decision', verdict: 'Verdict', person: 'Person', chat: 'Chat', project: 'Project', cause: 'Cause', from: 'From', to: 'Until',
  usd_min: 'Cost at least', usd_max: 'Cost at most', p_min: 'p at least', p_max: 'p at most',
};
export const kFilterNames = Object.keys(kLabels);
const kTypingMs = 300;

/** What of a query the API knows: filters and sort. */
export function filtersOf(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name, value]) => value && (name in kLabels || name === 'sort')));
}

export function withFilter(query: URLSearchParams, changes: Record<string, string>): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) changed.set(name, value);
    else changed.delete(name);
  }
  return changed;
}

/** `set` takes what changes; '' takes a filter away. */
type Set = (changes: Record<string, string>, how?: 'push' | 'replace') => void;

export function Filters({ query }: { query: URLSearchParams }) {
  const set: Set = (changes, how = 'push') => go(address('log', [], withFilter(query, changes)), how);
  const hidden = kTexts.length && kFilterNames.some((name) => !['q', 'outcome', 'action', 'from', 'to'].includes(name) && query.get(name));
  const [more, setMore] = useState(Boolean(hidden));
  return <form class="filters" role="search" aria-label="Filter the log" onSubmit={(event) => event.preventDefault()}>
    <div class="filter-row">
      <label class="field grow">Words<TypedInput type="search" name="q" placeholder="in messages" value={query.get('q') ?? ''} onValue={(q) => set({ q }, 'replace')} /></label>
      {kChoices.slice(0, 2).map((choice) => <ChoiceField choice={choice} query={query} set={set} />)}
      <TimeField query={query} set={set} />
      <button type="button" class="action more" aria-expanded={more} aria-controls="more-filters" onClick={() => setMore(!more)}>{more ? 'Fewer filters' : 'More filters'}</button>
    </div>
    <div id="more-filters" class="filter-row" hidden={!more}>
      {kTexts.map(({ name, label, example }) => <label class="field">{label}
        <TypedInput type="text" name={name} placeholder={example} value={query.get(name) ?? ''} onValue={(value) => set({ [name]: value.trim() }, 'replace')} />
      </label>)}
      <ChoiceField choice={kChoices[2]!} query={query} set={set} />
      {kRanges.map((range) => <fieldset class="field range"><legend>{range.label}</legend>
        {(['min', 'max'] as const).map((end) => <TypedInput type="text" inputMode="decimal" name={`${range.name}_${end}`} label={`${range.label}, ${end === 'min' ? 'at least' : 'at most'}`}
          placeholder={end} value={query.get(`${range.name}_${end}`) ?? ''}
          onValue={(value) => set({ [`${range.name}_${end}`]: value.trim().replace(',', '.') }, 'replace')} />)}
      </fieldset>)}
    </div>
    <Chips query={query} set={set} />
  </form>;
}

function ChoiceField({ choice, query, set }: { choice: Choice; query: URLSearchParams; set: Set }) {
  return <label class="field">{choice.label}
    <select name={choice.name} value={query.get(choice.name) ?? ''} onChange={(event) => set({ [choice.name]: event.currentTarget.value })}>
      <option value="">All</option>
      {choice.values.map((value) => <option value={value}>{words(value)}</option>)}
    </select>
  </label>;
}

const kSpans: [string, string, () => { from: string; to: string }][] = [
  ['', 'Any time', () => ({ from: '', to: '' })],
  ['today', 'Today', () => ({ from: midnight(0), to: '' })],
  ['yesterday', 'Yesterday', () => ({ from: midnight(-1), to: midnight(0) })],
  ['7d', 'Last 7 days', () => ({ from: midnight(-7), to: '' })],
  ['30d', 'Last 30 days', () => ({ from: midnight(-30), to: '' })],
];

function midnight(days: number): string {
  const date = new Date();
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() + days);
  return rfc3339(date);
}

function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.000Z$/, 'Z');
}

/** A span of everyday use, or two times of one's own. */
export function TimeField({ query, set }: { query: URLSearchParams; set: Set }) {
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? '';
  const known = kSpans.find(([, , span]) => span().from === from && span().to === to)?.[0];
  const [own, setOwn] = useState(known === undefined);
  const choose = (value: string) => {
    setOwn(value === 'own');
    const span = kSpans.find(([id]) => id === value);
    if (span) set(span[2]());
  };
  return <>
    <label class="field">Time
      <select value={own ? 'own' : known ?? 'own'} onChange={(event) => choose(event.currentTarget.value)}>
        {kSpans.map(([id, label]) => <option value={id}>{label}</option>)}
        <option value="own">From … until …</option>
      </select>
    </label>
    {(own || known === undefined) && (['from', 'to'] as const).map((name) => <label class="field">{name === 'from' ? 'From' : 'Until'}
      <input type="datetime-local" value={localInput(query.get(name))} onChange={(event) => set({ [name]: utcOf(event.currentTarget.value) })} />
    </label>)}
  </>;
}

/** RFC 3339 to the local form that the field wants. */
function localInput(at: string | null): string {
  const date = at ? new Date(at) : null;
  if (!date || Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function utcOf(local: string): string {
  return local ? rfc3339(new Date(local)) : '';
}

/** Each filter that is set, and a click takes it away. */
function Chips({ query, set }: { query: URLSearchParams; set: Set }) {
  const chips = kFilterNames.filter((name) => query.get(name));
  if (!chips.length) return null;
  return <ul class="chips" aria-label="Filters that are set">
    {chips.map((name) => <li><button type="button" class="chip" onClick={() => set({ [name]: '' })}>
      <span class="unseen">Remove filter </span>{kLabels[name]}: <strong>{valueOf(name, query.get(name)!)}</strong> <span aria-hidden="true">×</span>
    </button></li>)}
    <li><button type="button" class="quiet-button" onClick={() => set(Object.fromEntries(kFilterNames.map((name) => [name, ''])))}>Clear all</button></li>
  </ul>;
}

function valueOf(name: string, value: string): string {
  if (name !== 'from' && name !== 'to') return ['outcome', 'verdict'].includes(name) ? words(value) : value;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? value : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Links that save exactly what is shown. */
export function Exports({ query }: { query: URLSearchParams }) {
  const filters = filtersOf(query);
  return <span class="exports">Export
    <a href={apiAddress('/export.csv', filters)} download="frontdesk-log.csv">CSV</a>
    <a href={apiAddress('/export.jsonl', filters)} download="frontdesk-log.jsonl">JSONL</a>
  </span>;
}

interface TypedProps {
  type: 'search' | 'text';
  inputMode?: 'decimal';
  name: string;
  value: string;
  placeholder?: string;
  label?: string;
  onValue: (value: string) => void;
}

/** Tells its value when the reader pauses, so that no request goes out for half a word. */
export function TypedInput({ value, onValue, label, ...rest }: TypedProps) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const tell = useRef(onValue);
  tell.current = onValue;
  // What comes back is what was told here; meanwhile the reader may have typed on.
  const told = useRef(value);
  useLayoutEffect(() => {
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const later = (changed: string) => {
    setText(changed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      told.current = changed;
      tell.current(changed);
    }, kTypingMs);
  };
  return <input {...(rest as object)} aria-label={label} value={text} autocomplete="off" spellcheck={false} onInput={(event) => later(event.currentTarget.value)} />;
}
