// What goes on now, and what waits for a person.

import { useEffect, useState } from 'preact/hooks';
import { ago, count, percent, plural, seconds, usd } from './format';
import { Badge, Empty, Panel, Screen, Shown, Table, Time } from './parts';
import { Inbox, Uncertain } from './operations_inbox';
import { useResource } from './resource';

interface Running { dispatch: string; project: string; chat: string; person: string | null; started: string | null; step: string | null; usd: number | null; waiting_for: string | null }

interface Overview {
  version: string;
  demo: boolean;
  model: string | null;
  uptime_s: number | null;
  queues: { kind: string; depth: number; oldest_s: number | null }[];
  running: Running[];
  waiting: { dispatch: string; project: string; since: string | null; reason: string | null }[];
  today: { turns: number; answered: number; asked: number; dispatched: number; failed: number; usd: number | null; p50_answer_s: number | null; p95_answer_s: number | null };
}

interface Platform {
  section: string;
  platform: string;
  enabled: boolean;
  last_event: string | null;
  last_error: { at: string; text: string } | null;
  delivered: number | null;
  failed: number | null;
  uncertain: number | null;
  circuit: string | null;
}

const kPollMs = 5000;

export function OperationsScreen() {
  const overview = useResource<Overview>('/overview', ['dispatch', 'decision', 'inbox', 'delivery']);
  // Queues move without an event; a page that nobody looks at does not ask.
  useEffect(() => {
    const timer = window.setInterval(() => { if (!document.hidden) overview.reload(); }, kPollMs);
    return () => window.clearInterval(timer);
  }, [overview.reload]);
  return (
    <Screen title="Operations" about="What goes on now, and what waits for a person.">
      <div class="s-grid">
        <Panel wide title="Waiting for you"><Inbox /></Panel>
        <Panel wide title="Today"><Shown of={overview}>{(shown) => <Today of={shown} />}</Shown></Panel>
        <Panel wide title="Specialists"><Shown of={overview}>{(shown) => <Specialists of={shown} />}</Shown></Panel>
        <Panel title="Queues"><Shown of={overview}>{(shown) => <Queues of={shown} />}</Shown></Panel>
        <Panel title="Uncertain deliveries" about="A call to a service was cut before its answer came. Look there whether it arrived."><Uncertain /></Panel>
        <Platforms />
      </div>
    </Screen>
  );
}

function Today({ of: { today, model, version, demo, uptime_s } }: { of: Overview }) {
  const figure = (label: string, value: string, note?: string) => (
    <div class="s-tile"><span class="s-label">{label}</span><strong class="s-big">{value}</strong>{note && <p class="s-note">{note}</p>}</div>
  );
  const share = (n: number) => (today.turns > 0 ? percent(n / today.turns, 0) : undefined);
  return (
    <>
      <div class="s-tiles">
        {figure('Messages decided', count(today.turns))}
        {figure('Answered', count(today.answered), share(today.answered))}
        {figure('Asked first', count(today.asked), share(today.asked))}
        {figure('Dispatched', count(today.dispatched), share(today.dispatched))}
        {figure('Failed', count(today.failed), share(today.failed))}
        {figure('Spent', usd(today.usd))}
        {figure('Time to an answer', seconds(today.p50_answer_s), today.p95_answer_s === null ? undefined : `19 of 20 within ${seconds(today.p95_answer_s)}`)}
      </div>
      <p class="s-note">Frontdesk {version}, secretary {model ?? 'without a model'}, up for {seconds(uptime_s)}.{demo && ' The answers are scripted (demo).'}</p>
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
  return <time dateTime={since}>{seconds(Math.max(0, Math.floor((Date.now() - new Date(since).getTime()) / 1000))).replace('.0', '')}</time>;
}

function Specialists({ of: { running, waiting } }: { of: Overview }) {
  if (running.length + waiting.length === 0) return <Empty>No specialist is at work, and none is waiting.</Empty>;
  return (
    <ul class="s-runs">
      {running.map((run) => (
        <li key={run.dispatch} class="s-run">
          <div class="s-run-head">
            <strong class="s-slug">{run.project}</strong>
            {run.waiting_for ? <Badge kind="warn">waits: {run.waiting_for}</Badge> : <Badge kind="live">working</Badge>}
            <span class="s-run-time"><Clock since={run.started} /></span>
          </div>
          <p class="s-step">{run.step ?? 'No step is known yet.'}</p>
          <p class="s-note">{run.dispatch} for {run.person ?? 'somebody unknown'} in {run.chat}, {run.usd === null ? 'cost not known yet' : `${usd(run.usd)} so far`}</p>
        </li>
      ))}
      {waiting.map((run) => (
        <li key={run.dispatch} class="s-run s-run-waiting">
          <div class="s-run-head"><strong class="s-slug">{run.project}</strong><Badge kind="calm">queued</Badge><span class="s-run-time"><Clock since={run.since} /></span></div>
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
          <span class="s-meter s-is-calm" aria-hidden="true"><span style={{ width: `${(queue.depth / most) * 100}%` }} /></span>
          <span class="s-bar-sum">{count(queue.depth)}{queue.depth > 0 && queue.oldest_s !== null ? `, oldest ${seconds(queue.oldest_s)}` : ''}</span>
        </li>
      ))}
    </ul>
  );
}

function Platforms() {
  const platforms = useResource<{ items: Platform[] }>('/platforms', ['delivery', 'inbox']);
  return (
    <Panel wide title="Chat services">
      <Shown of={platforms}>
        {({ items }) => items.length === 0 ? <Empty>No chat service is configured.</Empty> : (
          <Table caption="Chat services" rows={items} keyOf={(item) => item.section}
            columns={[
              { head: 'Section', cell: (item) => <><strong>{item.section}</strong> <span class="s-note">{item.platform}</span></> },
              { head: 'State', cell: (item) => <State of={item} /> },
              { head: 'Last event', cell: (item) => item.last_event ? <><Time at={item.last_event} /> <span class="s-note">{ago(item.last_event)}</span></> : 'none yet' },
              { head: 'Delivered', number: true, cell: (item) => count(item.delivered) },
              { head: 'Failed', number: true, cell: (item) => count(item.failed) },
              { head: 'Last error', wide: true, cell: (item) => item.last_error ? <>{item.last_error.text} <span class="s-note"><Time at={item.last_error.at} /></span></> : 'none' },
            ]} />
        )}
      </Shown>
    </Panel>
  );
}

function State({ of }: { of: Platform }) {
  if (!of.enabled) return <Badge kind="calm">off</Badge>;
  if (of.circuit && of.circuit !== 'closed') return <Badge kind="bad">{of.circuit === 'open' ? 'paused after errors' : of.circuit}</Badge>;
  if (of.uncertain) return <Badge kind="warn">{plural(of.uncertain, 'uncertain delivery', 'uncertain deliveries')}</Badge>;
  return <Badge kind="good">on</Badge>;
}
