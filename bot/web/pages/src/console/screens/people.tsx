// Who is known, who wants in, and what each may do.

import { useEffect, useState } from 'preact/hooks';
import { api } from './ground';
import { count, usd } from './format';
import { Badge, Button, Dialog, Empty, Field, Panel, Problem, RoleNote, Screen, Shown, Table, Time, whyNot } from './parts';
import { useAction, useResource } from './resource';

interface Person {
  person: string;
  name: string | null;
  role: string;
  admitted: boolean;
  blocked: boolean;
  first_seen: string | null;
  last_seen: string | null;
  messages: number | null;
  usd_month: number | null;
}

interface Request { code?: string | null; person: string; name: string | null; at: string; expires: string | null }

const roles = ['member', 'approver', 'admin'];

export function PeopleScreen() {
  const [words, setWords] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(words.trim()), 250);
    return () => window.clearTimeout(timer);
  }, [words]);
  const people = useResource<{ items: Person[]; next: string | null }>(`/people?limit=100${asked ? `&q=${encodeURIComponent(asked)}` : ''}`, ['inbox']);
  const [erasing, setErasing] = useState<Person | null>(null);
  const tools = (
    <Field label="Find a person"><input class="s-input" type="search" value={words} placeholder="name or id" onInput={(event) => setWords(event.currentTarget.value)} /></Field>
  );
  return (
    <Screen title="People" about="Who is known on the chat services, who wants in, and what each may do.">
      <div class="s-grid">
        <Pairing changed={people.reload} />
        <Panel wide title="Known people" tools={tools}>
          <RoleNote least="admin" />
          <Shown of={people}>
            {({ items, next }) => items.length === 0
              ? <Empty>{asked ? `Nobody is called “${asked}”.` : 'Nobody has written yet.'}</Empty>
              : (
                <>
                  <Known rows={items} changed={people.reload} erase={setErasing} />
                  {next && <p class="s-note">These are the first {count(items.length)}; search to find others.</p>}
                </>
              )}
          </Shown>
        </Panel>
      </div>
      {erasing && <Erase person={erasing} close={() => setErasing(null)} done={people.reload} />}
    </Screen>
  );
}

function Pairing({ changed }: { changed: () => void }) {
  const requests = useResource<{ items: Request[] }>('/pairing', ['inbox']);
  const [settled, setSettled] = useState('');
  const act = useAction();
  const settle = async (request: Request, admit: boolean) => {
    const done = await act.run(async () => { await api.send('POST', `/pairing/${encodeURIComponent(request.person)}`, { admit }); });
    if (!done) return;
    setSettled(`${request.name ?? request.person} ${admit ? 'is let in' : 'was turned away'}.`);
    requests.reload();
    changed();
  };
  return (
    <Panel wide title="Wants to come in" about="People who wrote to the bot and were shown a pairing code. Let in only whom you know: compare the code with the one they were shown.">
      <p class="s-said" role="status">{settled}</p>
      {act.error && <Problem sentence={act.error} again={() => { act.clear(); requests.reload(); }} label="Look again" />}
      <Shown of={requests} lines={1}>
        {({ items }) => items.length === 0 ? <Empty>Nobody is waiting.</Empty> : (
          <ul class="s-list">
            {items.map((request) => (
              <li key={request.person}>
                <div>
                  <strong>{request.name ?? request.person}</strong> {request.name && <code>{request.person}</code>}
                  <p class="s-note">{request.code && <>code <code>{request.code}</code>, </>}since <Time at={request.at} />{request.expires && <>, until <Time at={request.expires} /></>}</p>
                </div>
                <span class="s-buttons">
                  <Button small kind="primary" least="admin" busy={act.busy} label={`Let in ${request.name ?? request.person}`} onClick={() => void settle(request, true)}>Let in</Button>
                  <Button small least="admin" busy={act.busy} label={`Turn away ${request.name ?? request.person}`} onClick={() => void settle(request, false)}>Turn away</Button>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Panel>
  );
}

function Known({ rows, changed, erase }: { rows: Person[]; changed: () => void; erase: (person: Person) => void }) {
  const act = useAction();
  const change = async (person: Person, to: Partial<Pick<Person, 'role' | 'blocked'>>) => {
    await act.run(async () => { await api.send('PUT', `/people/${encodeURIComponent(person.person)}`, to); });
    changed();
  };
  return (
    <>
      {act.error && <Problem sentence={act.error} />}
      <Table caption="Known people" rows={rows} keyOf={(person) => person.person}
        columns={[
          { head: 'Person', wide: true, cell: (person) => <><strong>{person.name ?? person.person}</strong> {person.name && <code>{person.person}</code>}</> },
          { head: 'Access', cell: (person) => person.blocked ? <Badge kind="bad">blocked</Badge> : person.admitted ? <Badge kind="good">let in</Badge> : <Badge kind="calm">not let in</Badge> },
          { head: 'Role', cell: (person) => <RoleChoice person={person} change={(role) => void change(person, { role })} /> },
          { head: 'Last seen', cell: (person) => <Time at={person.last_seen} /> },
          { head: 'Messages', number: true, cell: (person) => count(person.messages) },
          { head: 'This month', number: true, cell: (person) => usd(person.usd_month) },
          { head: '', cell: (person) => (
            <span class="s-buttons">
              <Button small least="admin" busy={act.busy} label={`${person.blocked ? 'Unblock' : 'Block'} ${person.name ?? person.person}`}
                onClick={() => void change(person, { blocked: !person.blocked })}>{person.blocked ? 'Unblock' : 'Block'}</Button>
              <Button small kind="danger" least="admin" label={`Erase ${person.name ?? person.person}`} onClick={() => erase(person)}>Erase</Button>
            </span>
          ) },
        ]} />
    </>
  );
}

function RoleChoice({ person, change }: { person: Person; change: (role: string) => void }) {
  if (whyNot('admin')) return <>{person.role}</>;
  const known = roles.includes(person.role) ? roles : [person.role, ...roles];
  return (
    <select class="s-input s-small" aria-label={`Role of ${person.name ?? person.person}`} value={person.role} onChange={(event) => change(event.currentTarget.value)}>
      {known.map((role) => <option key={role} value={role}>{role}</option>)}
    </select>
  );
}

function Erase({ person, close, done }: { person: Person; close: () => void; done: () => void }) {
  const [typed, setTyped] = useState('');
  const act = useAction();
  const name = person.name?.trim() || person.person;
  const sure = typed.trim() === name || typed.trim() === person.person;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!sure || act.busy) return;
    if (await act.run(async () => { await api.send('POST', `/people/${encodeURIComponent(person.person)}/erase`, { confirm: person.person }); })) {
      close();
      done();
    }
  };
  return (
    <Dialog title={`Erase ${name}?`} close={close}>
      <form onSubmit={submit}>
        <p>Everything that <strong>{name}</strong> (<code>{person.person}</code>) wrote is taken out for good: messages, notes, reminders. Ids, costs and the hash chain of the log stay, so that it can still be proven whole.</p>
        <Field label="Type the name or the id to confirm"><input class="s-input" value={typed} autocomplete="off" onInput={(event) => setTyped(event.currentTarget.value)} /></Field>
        {act.error && <Problem sentence={act.error} />}
        <div class="s-row s-end">
          <Button onClick={close}>Keep</Button>
          <Button type="submit" kind="danger" least="admin" disabled={!sure} busy={act.busy}>Erase for good</Button>
        </div>
      </form>
    </Dialog>
  );
}
