// What goes on now, and what waits for a person.
import { Bar, Empty, Head, Tag } from '../controls.js';
import { count, duration, money, plural, share, since } from '../format.js';
import type { Overview } from '../overview.js';
import { Card, Loaded, Table, Time } from '../parts.js';
import { useResource } from '../resource.js';
import { Deliveries, Inbox } from './inbox.js';
import { useEffect, useState } from 'preact/hooks';

interface Platform {
  section: string;
  platform: string;
  enabled: boolean;
  last_event: string | null;
  last_error: { at: string; text: string } | null;
  /** Of today. */
  delivered: number;
  failed: number;
  waiting: number;
  uncertain: number;
  circuit: string | null;
}

const kPollMs = 5000;

export function OperationsSection() {
  const overview = useResource<Overview>('/overview', ['dispatch', 'decision', 'inbox', 'delivery']);
  // Queues move without an event; a page that nobody looks at does not ask.
  useEffect(() => {
    const timer = window.setInterval(() => { if (!document.hidden) overview.reload(); }, kPollMs);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <>
      <Head about="What goes on now, and what waits for a person." />
      <div class="panels">
        <Card wide title="Waiting for you"><Inbox /></Card>
        <Card wide title="Today"><Loaded from={overview}>{(shown) => <Today of={shown} />}</Loaded></Card>
        <Card wide title="Specialists"><Loaded from={overview}>{(shown) => <Specialists of={shown} />}</Loaded></Card>
        <Card title="Queues"><Loaded from={overview}>{(shown) => <Queues of={shown} />}</Loaded></Card>
        <Card title="Deliveries to look at"><Deliveries /></Card>
        <Platforms />
      </div>
    </>
  );
}

function Today({ of: { today, model, version, demo, uptime_s } }: { of: Overview }) {
  const figure = (label: string, value: string, note?: string) => (
    <div class="s-tile"><span class="s-label">{label}</span><strong class="s-big">{value}</strong>{note && <p class="s-note">{note}</p>}</div>
  );
  const part = (n: number) => (today.turns > 0 ? share(n / today.turns) : undefined);
  return (
    <>
      <div class="s-tiles">
        {figure('Messages', count(today.turns))}
        {figure('Answered', count(today.answered), part(today.answered))}
        {figure('Asked first', count(today.asked), part(today.asked))}
        {figure('Dispatched', count(today.dispatched), part(today.dispatched))}
        {figure('Failed', count(today.failed), part(today.failed))}
        {figure('Spent', money(today.usd))}
        {figure('Time to answer', duration(today.p50_answer_s), today.p95_answer_s === null ? undefined : `19 of 20 within ${duration(today.p95_answer_s).replace(' ', '\u00a0')}`)}
      </div>
      <p class="s-note">Frontdesk {version}, secretary {model ?? 'without a model'}, up for {duration(uptime_s)}.{demo && ' The answers are scripted (demo).'}</p>
    </>
  );
}

function Clock({ since }: { since: string | null }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => tick((n) => n + 1), 1000);
    return () => window.clearInterval(timer);
  }, []);
  if (!since) return <>–</>;
  return <time dateTime={since}>{duration(Math.max(0, Math.floor((Date.now() - new Date(since).getTime()) / 1000)))}</time>;
}

function Specialists({ of: { running, waiting } }: { of: Overview }) {
  if (running.length + waiting.length === 0) return <Empty>No specialist is at work, and none is waiting.</Empty>;
  return (
    <ul class="s-runs">
      {running.map((run) => (
        <li key={run.dispatch} class="s-run">
          <div class="s-run-head">
            <strong class="s-slug">{run.project}</strong>
            {run.waiting_for ? <Tag kind="warn">waits: {run.waiting_for}</Tag> : <Tag kind="working">working</Tag>}
            <span class="s-run-time"><Clock since={run.started} /></span>
          </div>
          <p class="s-step">{run.step ?? 'No step is known yet.'}</p>
          <p class="s-note">{run.dispatch} for {run.person ?? 'somebody unknown'} in {run.chat}, {run.usd === null ? 'cost not known yet' : `${money(run.usd)} so far`}</p>
        </li>
      ))}
      {waiting.map((run) => (
        <li key={run.dispatch} class="s-run s-run-waiting">
          <div class="s-run-head"><strong class="s-slug">{run.project}</strong><Tag kind="calm">queued</Tag><span class="s-run-time"><Clock since={run.since} /></span></div>
          <p class="s-note">{run.dispatch} {run.reason ? `waits: ${run.reason}` : 'waits for a place'}</p>
        </li>
      ))}
    </ul>
  );
}

function Queues({ of: { queues } }: { of: Overview }) {
  const most = Math.max(10, ...queues.map((queue) => queue.depth));
  if (queues.length === 0) return <Empty>All queues are empty.</Empty>;
  return (
    <ul class="s-bars">
      {queues.map((queue) => (
        <li key={queue.kind} class="s-bar">
          <span class="s-bar-label">{queue.kind}</span>
          <Bar share={queue.depth / most} />
          <span class="s-bar-sum">{count(queue.depth)}{queue.depth > 0 && queue.oldest_s !== null ? `, oldest ${duration(queue.oldest_s)}` : ''}</span>
        </li>
      ))}
    </ul>
  );
}

function Platforms() {
  const platforms = useResource<{ items: Platform[] }>('/platforms', ['delivery', 'inbox']);
  return (
    <Card wide title="Chat services">
      <Loaded from={platforms}>
        {({ items }) => items.length === 0 ? <Empty>No chat service is configured.</Empty> : (
          <Table label="State of the chat services" items={items} rowKey={(item) => item.section}
            columns={[
              { title: 'Section', cell: (item) => <span><strong>{item.section}</strong> <span class="s-note">{item.platform}</span></span> },
              { title: 'State', cell: (item) => <State of={item} /> },
              { title: 'Last event', cell: (item) => item.last_event ? <span><Time at={item.last_event} /> <span class="s-note">{since(item.last_event)} ago</span></span> : 'none yet' },
              { title: 'Delivered today', figure: true, cell: (item) => count(item.delivered) },
              { title: 'Failed', figure: true, cell: (item) => count(item.failed) },
              { title: 'Waiting', figure: true, cell: (item) => count(item.waiting) },
              { title: 'Last error', cell: (item) => item.last_error ? <span>{item.last_error.text} <span class="s-note"><Time at={item.last_error.at} /></span></span> : 'none' },
            ]} />
        )}
      </Loaded>
    </Card>
  );
}

function State({ of }: { of: Platform }) {
  if (!of.enabled) return <Tag kind="calm">off</Tag>;
  if (of.circuit && of.circuit !== 'closed') return <Tag kind="bad">{of.circuit === 'open' ? 'paused after errors' : of.circuit}</Tag>;
  if (of.uncertain) return <Tag kind="warn">{plural(of.uncertain, 'uncertain delivery', 'uncertain deliveries')}</Tag>;
  return <Tag kind="good">on</Tag>;
}
