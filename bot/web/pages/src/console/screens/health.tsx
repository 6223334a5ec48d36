// The same checks as `frontdesk doctor`, disk and database, and who is signed in.

import { useEffect } from 'preact/hooks';
import { api, me } from './ground';
import { ago, bytes, count, percent, plural } from './format';
import { Badge, Button, Empty, Meter, Panel, Problem, Screen, Shown, Table, Time } from './parts';
import { useAction, useResource } from './resource';

type Status = 'ok' | 'warn' | 'fail' | 'running';

interface Check { name: string; group: string | null; status: Status; sentence: string }

interface Health {
  checks: Check[];
  at: string | null;
  disk: Record<string, unknown> | null;
  database: { bytes: number | null; wal_bytes: number | null; backlog: number | null } | null;
}

interface Session { id: string; name: string; role: string; since: string | null; last_seen: string | null; address: string | null; current?: boolean }

const words: Record<Status, { text: string; badge: 'good' | 'warn' | 'bad' | 'live' }> = {
  ok: { text: 'ok', badge: 'good' }, warn: { text: 'look', badge: 'warn' }, fail: { text: 'fails', badge: 'bad' }, running: { text: 'checking', badge: 'live' },
};

const kPollMs = 700;

export function HealthScreen() {
  const health = useResource<Health>('/health');
  const start = useAction();
  const running = health.data?.checks.some((check) => check.status === 'running') ?? false;
  useEffect(() => {
    if (!running) return undefined;
    const timer = window.setTimeout(health.reload, kPollMs);
    return () => window.clearTimeout(timer);
  }, [running, health.data]);
  const again = () => start.run(async () => {
    await api.send('POST', '/health/check', {});
    health.reload();
  });
  const tools = <Button kind="primary" least="operator" busy={start.busy || running} onClick={() => void again()}>{running ? 'Checking…' : 'Run all checks'}</Button>;
  return (
    <Screen title="Health" about="The same checks as “frontdesk doctor” makes in the shell." tools={tools}>
      {start.error && <Problem sentence={start.error} />}
      <div class="s-grid">
        <Panel wide title="In short"><Shown of={health}>{(shown) => <Summary of={shown} />}</Shown></Panel>
        <Shown of={health} lines={6}>{(shown) => <Groups checks={shown.checks} />}</Shown>
        <Panel title="Disk"><Shown of={health}>{({ disk }) => <Disk of={disk} />}</Shown></Panel>
        <Panel title="Database"><Shown of={health}>{({ database }) => <Database of={database} />}</Shown></Panel>
        {me.value?.role === 'admin' && <Sessions />}
      </div>
    </Screen>
  );
}

function Summary({ of: { checks, at } }: { of: Health }) {
  if (checks.length === 0) return <Empty>Nothing was checked since the start. “Run all checks” does it now.</Empty>;
  const n = (status: Status) => checks.filter((check) => check.status === status).length;
  const [fail, warn, running] = [n('fail'), n('warn'), n('running')];
  return (
    <div class="s-summary" role="status">
      {running > 0 ? <Badge kind="live">{plural(running, 'check')} still running</Badge>
        : fail > 0 ? <Badge kind="bad">{plural(fail, 'check fails', 'checks fail')}</Badge>
          : warn > 0 ? <Badge kind="warn">{plural(warn, 'thing')} to look at</Badge> : <Badge kind="good">all is well</Badge>}
      <span>{plural(checks.length, 'check')}{at && <>, last run <Time at={at} /> ({ago(at)})</>}</span>
    </div>
  );
}

const order: Status[] = ['fail', 'warn', 'running', 'ok'];

function Groups({ checks }: { checks: Check[] }) {
  const groups = [...new Set(checks.map((check) => check.group ?? 'other'))];
  return (
    <>
      {groups.map((group) => (
        <Panel key={group} title={group.charAt(0).toUpperCase() + group.slice(1)}>
          <ul class="s-checks">
            {checks.filter((check) => (check.group ?? 'other') === group).sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status)).map((check) => (
              <li key={check.name}>
                <Badge kind={words[check.status]?.badge ?? 'warn'}>{words[check.status]?.text ?? check.status}</Badge>
                <div><strong>{check.name}</strong><p class="s-note">{check.sentence}</p></div>
              </li>
            ))}
          </ul>
        </Panel>
      ))}
    </>
  );
}

function Disk({ of }: { of: Health['disk'] }) {
  const number = (name: string) => (typeof of?.[name] === 'number' ? of[name] as number : null);
  const free = number('free_bytes') ?? number('free');
  const all = number('total_bytes') ?? number('total');
  if (free === null) return <Empty>The free space is not known.</Empty>;
  if (all === null) return <p>{bytes(free)} free.</p>;
  const text = `${bytes(free)} of ${bytes(all)} free, ${percent(1 - free / all, 0)} used`;
  return <><Meter value={all - free} limit={all} label="Disk used" text={text} /><p>{text}.</p></>;
}

function Database({ of }: { of: Health['database'] }) {
  if (!of) return <Empty>Nothing is known of the database.</Empty>;
  return (
    <dl class="s-facts">
      <div class="s-fact"><dt>Database</dt><dd>{bytes(of.bytes)}</dd></div>
      <div class="s-fact"><dt>Write-ahead log</dt><dd>{bytes(of.wal_bytes)}</dd></div>
      <div class="s-fact"><dt>Messages that wait</dt><dd>{count(of.backlog)}</dd></div>
    </dl>
  );
}

function Sessions() {
  const sessions = useResource<{ items: Session[] }>('/sessions');
  const end = useAction();
  const stop = (session: Session) => end.run(async () => {
    await api.send('DELETE', `/sessions/${encodeURIComponent(session.id)}`);
    sessions.reload();
  });
  return (
    <Panel wide title="Sessions" about="Who is signed in to the console or the chat page.">
      {end.error && <Problem sentence={end.error} />}
      <Shown of={sessions}>
        {({ items }) => items.length === 0 ? <Empty>Nobody is signed in.</Empty> : (
          <Table caption="Sessions" rows={items} keyOf={(session) => session.id}
            columns={[
              { head: 'Name', wide: true, cell: (session) => <><strong>{session.name}</strong>{session.current && <> <Badge kind="good">this one</Badge></>}</> },
              { head: 'Role', cell: (session) => session.role },
              { head: 'Since', cell: (session) => <Time at={session.since} /> },
              { head: 'Last seen', cell: (session) => <Time at={session.last_seen} /> },
              { head: 'From', cell: (session) => <code>{session.address ?? '–'}</code> },
              { head: '', cell: (session) => <Button small kind="danger" least="admin" busy={end.busy} label={`End the session of ${session.name}`} onClick={() => void stop(session)}>End</Button> },
            ]} />
        )}
      </Shown>
    </Panel>
  );
}
