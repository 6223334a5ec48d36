// What else there is to ask of the log: totals, words, who allowed what, what people changed, whether anything was changed since.

import { useEffect } from 'preact/hooks';
import { apiAddress, send } from '../api.js';
import { count, share, words } from '../format.js';
import { Badge, Button, Card, Figure, Loaded, Money, Notice, Rendered, Table, Tabs, Time } from '../parts.js';
import { address, go, place } from '../place.js';
import { useResource } from '../resource.js';
import { may } from '../session.js';
import { Values } from '../values.js';
import { TimeField, TypedInput, withFilter } from './filters.js';
import { decisionAddress } from './log_table.js';
import type { Approval, List } from './types.js';

function setHere(view: string): (changes: Record<string, string>, how?: 'push' | 'replace') => void {
  return (changes, how = 'push') => go(address('log', [view], withFilter(place.value.query, changes)), how);
}

interface Sums {
  turns: number;
  answered: number;
  asked: number;
  dispatched: number;
  failed: number;
  usd: number | null;
}

interface Summary {
  items: (Sums & { key: string | null; name: string | null })[];
  total: Sums;
}

const kBy = [{ id: 'person', label: 'By person', one: 'Person' }, { id: 'chat', label: 'By chat', one: 'Chat' }, { id: 'day', label: 'By day', one: 'Day' }, { id: 'project', label: 'By project', one: 'Project' }];

export function TotalsView() {
  const { query } = place.value;
  const by = query.get('by') || 'person';
  const resource = useResource<Summary>(apiAddress('/summary', { by, from: query.get('from'), to: query.get('to') }).replace('/api/v1', ''), ['decision', 'dispatch']);
  const set = setHere('totals');
  return <>
    <form class="filters" aria-label="Totals" onSubmit={(event) => event.preventDefault()}><div class="filter-row"><TimeField query={query} set={set} /></div></form>
    <Tabs label="Totals by" current={by} items={kBy.map(({ id, label }) => ({ id, label, href: address('log', ['totals'], withFilter(query, { by: id })) }))} />
    <Loaded from={resource}>{(summary) => <>
      <Card><dl class="stats">
        <Figure name="turns">{count(summary.total.turns)}</Figure><Figure name="answered">{count(summary.total.answered)}</Figure><Figure name="asked">{count(summary.total.asked)}</Figure>
        <Figure name="dispatched">{count(summary.total.dispatched)}</Figure><Figure name="failed">{count(summary.total.failed)}</Figure><Figure name="cost"><Money usd={summary.total.usd} /></Figure>
      </dl></Card>
      <SumTable summary={summary} by={by} query={query} />
    </>}</Loaded>
  </>;
}

function SumTable({ summary, by, query }: { summary: Summary; by: string; query: URLSearchParams }) {
  const most = Math.max(...summary.items.map((item) => item.usd ?? 0), 1e-9);
  const span = { from: query.get('from') ?? '', to: query.get('to') ?? '' };
  if (!summary.items.length) return <p class="empty">Nothing happened in this time.</p>;
  const link = (key: string) => (by === 'day' ? address('log', [], dayOf(key)) : address('log', [], { [by]: key, ...span }));
  return <Table label={`Totals by ${by}`} items={summary.items} rowKey={(item) => item.key ?? ''} columns={[
    { title: kBy.find(({ id }) => id === by)?.one ?? words(by), cell: (item) => (item.key ? <a href={link(item.key)} title={item.key}>{item.name || item.key}</a> : 'none') },
    { title: 'Turns', figure: true, cell: (item) => <span class="sum"><span>{count(item.turns)}</span><Mix of={item} /></span> },
    { title: 'Answered', figure: true, cell: (item) => count(item.answered) },
    { title: 'Asked', figure: true, cell: (item) => count(item.asked) },
    { title: 'Dispatched', figure: true, cell: (item) => count(item.dispatched) },
    { title: 'Failed', figure: true, cell: (item) => count(item.failed) },
    { title: 'Cost', figure: true, cell: (item) => <span class="sum"><Money usd={item.usd} /><span class="meter" aria-hidden="true" title={share((item.usd ?? 0) / most)}><span style={{ width: `${100 * (item.usd ?? 0) / most}%` }} /></span></span> },
  ]} />;
}

/** How the turns were decided, as shares of one bar; the figures stand in the row. */
function Mix({ of }: { of: Sums }) {
  return <span class="mix" aria-hidden="true">{(['answered', 'asked', 'dispatched'] as const).map((name) => <span data-kind={name} title={`${of[name]} ${name}`} style={{ width: `${100 * of[name] / Math.max(1, of.turns)}%` }} />)}</span>;
}

/** The server's days are named "2026-11-27"; which hours that is depends on its time zone, so the ends are those of the reader's day. */
function dayOf(key: string): Record<string, string> {
  const begin = new Date(`${key}T00:00:00`);
  if (Number.isNaN(begin.getTime())) return {};
  const end = new Date(begin);
  end.setDate(end.getDate() + 1);
  return { from: begin.toISOString(), to: end.toISOString() };
}

interface Found {
  decision: number;
  at: string;
  where: string;
  excerpt: string;
}

export function SearchView() {
  const { query } = place.value;
  const q = query.get('q') ?? '';
  const resource = useResource<List<Found>>(q.trim() ? apiAddress('/search', { q }).replace('/api/v1', '') : null);
  return <>
    <form class="filters" role="search" aria-label="Search the log" onSubmit={(event) => event.preventDefault()}>
      <label class="field">A word in all messages, tasks, results and answers<TypedInput type="search" name="q" value={q} onValue={(value) => setHere('search')({ q: value }, 'replace')} /></label>
    </form>
    {q.trim() ? <Loaded from={resource} empty="Nothing holds these words.">{(found) => <ul class="found">{found.items.map((item) => <li>
      <a href={decisionAddress(item.decision)}>Decision {item.decision}</a> <span class="soft">in the {words(item.where)}, <Time at={item.at} /></span>
      <p><Marked text={item.excerpt} words={q} /></p>
    </li>)}</ul>}</Loaded> : <p class="empty">Type what you look for.</p>}
  </>;
}

/** The words that were looked for, marked; the text stays text. */
function Marked({ text, words: looked }: { text: string; words: string }) {
  const parts = looked.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (!parts.length) return <>{text}</>;
  const pieces = text.split(new RegExp(`(${parts.join('|')})`, 'gi'));
  return <>{pieces.map((piece, index) => (index % 2 ? <mark>{piece}</mark> : piece))}</>;
}

export function ApprovalsView() {
  const { query } = place.value;
  const q = query.get('q') ?? '';
  const state = query.get('state') ?? '';
  const set = setHere('approvals');
  const resource = useResource<List<Approval>>(apiAddress('/approvals', { q, state, from: query.get('from'), to: query.get('to'), limit: 200 }).replace('/api/v1', ''), ['inbox', 'dispatch']);
  return <>
    <form class="filters" role="search" aria-label="Find an approval" onSubmit={(event) => event.preventDefault()}><div class="filter-row">
      <label class="field grow">Words of the command<TypedInput type="search" name="q" placeholder="git push" value={q} onValue={(value) => set({ q: value }, 'replace')} /></label>
      <label class="field">State<select value={state} onChange={(event) => set({ state: event.currentTarget.value })}>
        <option value="">All</option>{['open', 'allowed', 'allowed_for_task', 'denied', 'answered', 'expired'].map((name) => <option value={name}>{words(name)}</option>)}
      </select></label>
      <TimeField query={query} set={set} />
    </div></form>
    <Loaded from={resource} empty="No approval fits.">{(list) => <Table label="Approvals" items={list.items} rowKey={(item) => `${item.kind}${item.at}${item.dispatch}${item.detail}`} columns={[
      { title: 'Asked', cell: (item) => <Time at={item.at} /> },
      { title: 'What', cell: (item) => <><span class="soft">{item.tool}</span> {item.allowed_instead && <><pre class="detail">{item.allowed_instead}</pre><span class="soft">ran in place of what was asked for:</span></>} <Rendered html={item.detail_html} /></> },
      { title: 'State', cell: (item) => <><Badge of={item.state} />{item.outcome && <> <Badge of={item.outcome} /></>}</> },
      { title: 'Who', cell: (item) => item.by ?? '–' },
      { title: 'Settled', cell: (item) => <Time at={item.settled ?? item.settled_at} /> },
      { title: 'Comment', cell: (item) => (item.allowed_instead ? '' : item.comment) },
      { title: 'Dispatch', cell: (item) => (item.decision ?? item.dispatch) === null ? '–' : <a href={decisionAddress(item.decision ?? item.dispatch!)}>{item.dispatch ?? item.decision}</a> },
    ]} />}</Loaded>
  </>;
}

interface Change {
  id: number;
  at: string;
  by: string;
  what: string;
  scope: string | null;
  before: unknown;
  after: unknown;
  reason: string | null;
}

export function ChangesView() {
  const resource = useResource<List<Change>>('/changes?limit=200', ['change']);
  return <Loaded from={resource} empty="Nobody has changed anything yet.">{(list) => <Table label="Changes by people" items={list.items} rowKey={(item) => item.id} columns={[
    { title: 'When', cell: (item) => <Time at={item.at} /> },
    { title: 'Who', cell: (item) => item.by },
    { title: 'What', cell: (item) => words(item.what).replace('.', ': ') },
    { title: 'Of', cell: (item) => <span class="mono">{item.scope ?? '–'}</span> },
    { title: 'Before', cell: (item) => <Values value={item.before} /> },
    { title: 'After', cell: (item) => <Values value={item.after} /> },
    { title: 'Reason', cell: (item) => item.reason ?? '–' },
  ]} />}</Loaded>;
}

const kLookMs = 500;

interface Chain {
  running?: boolean;
  rows: number;
  head: string;
  ok: boolean | null;
  checked_at: string | null;
  first_bad: { table: string; id: number | string; reason: string } | null;
}

export function ChainView() {
  const resource = useResource<Chain>('/chain');
  const running = resource.data?.running ?? false;
  // A check takes a while where the log is long.
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(resource.reload, kLookMs);
    return () => clearInterval(timer);
  }, [running]);
  const verify = async () => {
    resource.set(await send<Chain>('POST', '/chain/verify', {}));
  };
  return <Loaded from={resource}>{(chain) => <>
    <Notice kind={chain.ok === false ? 'bad' : chain.ok ? 'good' : 'warn'}>
      {chain.ok === false ? `Row ${chain.first_bad?.id} of ${chain.first_bad?.table} does not fit: ${chain.first_bad?.reason}`
        : chain.ok && !chain.running ? 'Nothing has been changed: every row fits the one before it.' : chain.running ? 'The check is under way.' : 'The chain was not checked since the program started.'}
    </Notice>
    <Card title="The hash chain over decisions, dispatches, approvals, verdicts, calls of tools and changes">
      <dl class="facts">
        <dt>Rows</dt><dd class="figure">{count(chain.rows)}</dd>
        <dt>Head</dt><dd class="mono">{chain.head}</dd>
        <dt>Checked</dt><dd><Time at={chain.checked_at} /></dd>
      </dl>
      <div class="actions">
        {may('operator') && <Button style="primary" onClick={verify}>Check now</Button>}
        <a class="action" href={apiAddress('/chain/head')} download="frontdesk-head.txt">Prove it: save the head</a>
      </div>
      <p class="soft">Keep the head elsewhere. <code class="mono">frontdesk log verify --head FILE</code> shows later that nothing up to it was changed or removed.</p>
    </Card>
  </>}</Loaded>;
}
