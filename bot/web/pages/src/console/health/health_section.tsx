// The same checks as `frontdesk doctor`, disk and database, and who is signed in.
import { type Session, SessionTable } from '../account/sessions.js';
import { useAction } from '../action.js';
import { send } from '../api.js';
import { About, Empty, Head, Meter, Press, Problem, Tag } from '../controls.js';
import { bytes, count, plural, share, since } from '../format.js';
import { Card, Loaded, Time } from '../parts.js';
import { useResource } from '../resource.js';
import { may } from '../session.js';
import { useEffect } from 'preact/hooks';

type Status = 'ok' | 'warn' | 'fail' | 'running';

interface Check { name: string; group: string | null; status: Status; sentence: string }

interface Health {
  checks: Check[];
  running: boolean;
  at: string | null;
  disk: { free_bytes: number; bytes: number } | null;
  database: { bytes: number | null; wal_bytes: number | null; backlog: number | null } | null;
}

const words: Record<Status, { text: string; badge: 'good' | 'warn' | 'bad' | 'working' }> = {
  ok: { text: 'ok', badge: 'good' }, warn: { text: 'look', badge: 'warn' }, fail: { text: 'fails', badge: 'bad' }, running: { text: 'checking', badge: 'working' },
};

const kPollMs = 700;

export function HealthSection() {
  const health = useResource<Health>('/health');
  const start = useAction();
  const running = health.data?.running ?? false;
  useEffect(() => {
    if (!running) return undefined;
    const timer = window.setTimeout(health.reload, kPollMs);
    return () => window.clearTimeout(timer);
  }, [running, health.data]);
  const again = () => start.run(async () => {
    await send('POST', '/health/check', {});
    health.reload();
  });
  const tools = <Press style="primary" least="operator" busy={start.busy || running} onPress={() => void again()}>{running ? 'Checking…' : 'Run all checks'}</Press>;
  return (
    <>
      <Head about="The same checks as “frontdesk doctor” makes in the shell.">{tools}</Head>
      {start.error && <Problem text={start.error} />}
      <div class="panels">
        <Card wide title="In short"><Loaded from={health}>{(shown) => <Summary of={shown} />}</Loaded></Card>
        <Loaded from={health}>{(shown) => <Groups checks={shown.checks} />}</Loaded>
        <Card title="Free space"><Loaded from={health}>{({ disk }) => <Disk of={disk} />}</Loaded></Card>
        <Card title="Size of the database"><Loaded from={health}>{({ database }) => <Database of={database} />}</Loaded></Card>
        {may('admin') && <Sessions />}
      </div>
    </>
  );
}

function Summary({ of: { checks, at } }: { of: Health }) {
  if (checks.length === 0) return <Empty>Nothing was checked since the start. “Run all checks” does it now.</Empty>;
  const n = (status: Status) => checks.filter((check) => check.status === status).length;
  const [fail, warn, running] = [n('fail'), n('warn'), n('running')];
  return (
    <div class="s-summary" role="status">
      {running > 0 ? <Tag kind="working">{plural(running, 'check')} still running</Tag>
        : fail > 0 ? <Tag kind="bad">{plural(fail, 'check fails', 'checks fail')}</Tag>
          : warn > 0 ? <Tag kind="warn">{plural(warn, 'thing')} to look at</Tag> : <Tag kind="good">all is well</Tag>}
      <span>{plural(checks.length, 'check')}{at && <>, last run <Time at={at} /> ({since(at)} ago)</>}</span>
    </div>
  );
}

const order: Status[] = ['fail', 'warn', 'running', 'ok'];

function Groups({ checks }: { checks: Check[] }) {
  const groups = [...new Set(checks.map((check) => check.group ?? 'other'))];
  return (
    <>
      {groups.map((group) => (
        <Card key={group} title={group.charAt(0).toUpperCase() + group.slice(1)}>
          <ul class="s-checks">
            {checks.filter((check) => (check.group ?? 'other') === group).sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status)).map((check) => (
              <li key={check.name}>
                <Tag kind={words[check.status]?.badge ?? 'warn'}>{words[check.status]?.text ?? check.status}</Tag>
                <div><strong>{check.name}</strong><p class="s-note">{check.sentence}</p></div>
              </li>
            ))}
          </ul>
        </Card>
      ))}
    </>
  );
}

function Disk({ of }: { of: Health['disk'] }) {
  if (!of) return <Empty>The free space is not known.</Empty>;
  const text = `${bytes(of.free_bytes)} of ${bytes(of.bytes)} free, ${share(1 - of.free_bytes / of.bytes)} used`;
  return <><Meter value={of.bytes - of.free_bytes} limit={of.bytes} label="Disk used" text={text} /><p>{text}.</p></>;
}

function Database({ of }: { of: Health['database'] }) {
  if (!of) return <Empty>Nothing is known of the database.</Empty>;
  return (
    <dl class="s-facts">
      <div class="s-fact"><dt>Database</dt><dd>{bytes(of.bytes)}</dd></div>
      <div class="s-fact"><dt>Write-ahead log</dt><dd>{bytes(of.wal_bytes)}</dd></div>
      <div class="s-fact"><dt>Messages and runs that wait or are at work</dt><dd>{count(of.backlog)}</dd></div>
    </dl>
  );
}

function Sessions() {
  const sessions = useResource<{ items: Session[] }>('/sessions');
  const end = useAction();
  const stop = (session: Session) => end.run(async () => {
    await send('DELETE', `/sessions/${encodeURIComponent(session.id)}`);
    sessions.reload();
  });
  return (
    <Card wide title="Sessions">
      <About>Who is signed in to the console or the chat page.</About>
      {end.error && <Problem text={end.error} />}
      <Loaded from={sessions}>
        {({ items }) => items.length === 0 ? <Empty>Nobody is signed in.</Empty> : (
          <SessionTable label="Who is signed in" items={items} busy={end.busy} least="admin" end={(session) => void stop(session)} />
        )}
      </Loaded>
    </Card>
  );
}
