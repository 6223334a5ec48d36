// Who is known, who wants in, and what each may do.
import { useAction } from '../action.js';
import { send } from '../api.js';
import { About, Choice, Empty, Field, Head, Press, Problem, RoleNote, Tag, whyNot } from '../controls.js';
import { count, money } from '../format.js';
import { Card, Dialog, Loaded, Table, Time } from '../parts.js';
import { useResource } from '../resource.js';
import { useEffect, useState } from 'preact/hooks';

interface Person {
  person: string;
  name: string | null;
  role: string;
  role_from: string | null;
  admitted: boolean;
  admitted_from: string | null;
  /** Keys of the configuration that name this person. */
  keys: string[];
  blocked: boolean;
  first_seen: string | null;
  last_seen: string | null;
  messages: number | null;
  usd_month: number | null;
  erased_at: string | null;
}

interface Request { id: number; person: string; name: string | null; place: string; at: string; expires: string | null }

const roles = ['user', 'approver', 'admin'];

export function PeopleSection() {
  const [words, setWords] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(words.trim()), 250);
    return () => window.clearTimeout(timer);
  }, [words]);
  const people = useResource<{ items: Person[]; next: string | null }>(`/people?limit=100${asked ? `&q=${encodeURIComponent(asked)}` : ''}`, ['inbox']);
  const [erasing, setErasing] = useState<Person | null>(null);
  const tools = (
    <Field label="Find a person"><input type="search" value={words} placeholder="name or id" onInput={(event) => setWords(event.currentTarget.value)} /></Field>
  );
  return (
    <>
      <Head about="Who is known on the chat services, who wants in, and what each may do." />
      <div class="panels">
        <Pairing changed={people.reload} />
        <Card wide title="Known people" aside={tools}>
          <RoleNote least="admin" />
          <Loaded from={people}>
            {({ items, next }) => items.length === 0
              ? <Empty>{asked ? `Nobody is called “${asked}”.` : 'Nobody has written yet.'}</Empty>
              : (
                <>
                  <Known rows={items} changed={people.reload} erase={setErasing} />
                  {next && <p class="s-note">These are the first {count(items.length)}; search to find others.</p>}
                </>
              )}
          </Loaded>
        </Card>
      </div>
      {erasing && <Erase person={erasing} close={() => setErasing(null)} done={people.reload} />}
    </>
  );
}

function Pairing({ changed }: { changed: () => void }) {
  const requests = useResource<{ items: Request[] }>('/pairing', ['inbox']);
  const [settled, setSettled] = useState('');
  const act = useAction();
  const settle = async (request: Request, admit: boolean) => {
    const done = await act.run(async () => { await send('POST', `/pairing/${encodeURIComponent(request.person)}`, { admit, place: request.place }); });
    if (!done) return;
    setSettled(`${request.name || request.person} ${admit ? 'is let in' : 'was turned away'}.`);
    requests.reload();
    changed();
  };
  return (
    <Card wide title="Wants to come in">
      <About>People who wrote to the bot and were shown a pairing code. Let in only whom you know: a name can be anybody’s, the id cannot.</About>
      <p class="s-said" role="status">{settled}</p>
      {act.error && <Problem text={act.error} again={() => { act.clear(); requests.reload(); }} label="Look again" />}
      <Loaded from={requests}>
        {({ items }) => items.length === 0 ? <Empty>Nobody is waiting.</Empty> : (
          <ul class="s-list">
            {items.map((request) => (
              <li key={request.id}>
                <div>
                  <strong>{request.name || request.person}</strong> {request.name && <code>{request.person}</code>}
                  <p class="s-note">{request.place && `${request.place}, `}since <Time at={request.at} />{request.expires && <>, until <Time at={request.expires} /></>}</p>
                </div>
                <span class="s-buttons">
                  <Press small style="primary" least="admin" busy={act.busy} label={`Let in ${request.name || request.person}`} onPress={() => void settle(request, true)}>Let in</Press>
                  <Press small least="admin" busy={act.busy} label={`Turn away ${request.name || request.person}`} onPress={() => void settle(request, false)}>Turn away</Press>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Card>
  );
}

function Known({ rows, changed, erase }: { rows: Person[]; changed: () => void; erase: (person: Person) => void }) {
  const act = useAction();
  const change = async (person: Person, to: Partial<Pick<Person, 'role' | 'blocked'>>) => {
    await act.run(async () => { await send('PUT', `/people/${encodeURIComponent(person.person)}`, to); });
    changed();
  };
  return (
    <>
      {act.error && <Problem text={act.error} />}
      <Table label="People and what they may do" items={rows} rowKey={(person) => person.person}
        columns={[
          { title: 'Person', cell: (person) => <span><strong>{person.name || person.person}</strong> {person.name && <code>{person.person}</code>}{person.erased_at && <span class="s-note"> erased <Time at={person.erased_at} /></span>}</span> },
          { title: 'Access', cell: (person) => person.blocked ? <Tag kind="bad">blocked</Tag> : person.admitted ? <Tag kind="good">{fromText(person.admitted_from)}</Tag> : <Tag kind="calm">not let in</Tag> },
          { title: 'Role', cell: (person) => <RoleChoice person={person} change={(role) => void change(person, { role })} /> },
          { title: 'Last seen', cell: (person) => <Time at={person.last_seen} /> },
          { title: 'Messages', figure: true, cell: (person) => count(person.messages) },
          { title: 'This month', figure: true, cell: (person) => money(person.usd_month) },
          { title: 'Actions', cell: (person) => (
            <span class="s-buttons">
              <Press small least="admin" busy={act.busy} label={`${person.blocked ? 'Unblock' : 'Block'} ${person.name || person.person}`}
                onPress={() => void change(person, { blocked: !person.blocked })}>{person.blocked ? 'Unblock' : 'Block'}</Press>
              <Press small style="danger" least="admin" label={`Erase ${person.name || person.person}`} onPress={() => erase(person)}>Erase</Press>
            </span>
          ) },
        ]} />
    </>
  );
}

/** How somebody came in. */
const fromText = (from: string | null): string => ({ file: 'by the file', open: 'open to all', pairing: 'paired', console: 'let in here' })[from ?? ''] ?? 'let in';

function RoleChoice({ person, change }: { person: Person; change: (role: string) => void }) {
  const [chosen, choose] = useState(person.role);
  useEffect(() => choose(person.role), [person.role]);
  if (whyNot('admin')) return <>{person.role}</>;
  const who = person.name || person.person;
  // Whoever steps through the roles by keyboard has not given one yet.
  return (
    <span class="s-buttons">
      <Choice label={`Role of ${who}`} value={chosen} of={roles} text={(role) => role} choose={choose} />
      {chosen !== person.role && <Press small style="primary" label={`Make ${who} ${chosen}`} onPress={() => change(chosen)}>Set</Press>}
    </span>
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
    if (await act.run(async () => { await send('POST', `/people/${encodeURIComponent(person.person)}/erase`, { confirm: person.person }); })) {
      close();
      done();
    }
  };
  return (
    <Dialog title={`Erase ${name}?`} onClose={close}>
      <form onSubmit={submit}>
        <p>Everything that <strong>{name}</strong> (<code>{person.person}</code>) wrote is taken out for good: messages, notes, reminders. Ids, costs and the hash chain of the log stay, so that it can still be proven whole.</p>
        <Field label="Type the name or the id to confirm"><input value={typed} autocomplete="off" onInput={(event) => setTyped(event.currentTarget.value)} /></Field>
        {act.error && <Problem text={act.error} />}
        <div class="s-row s-end">
          <Press onPress={close}>Keep</Press>
          <Press submit style="danger" least="admin" disabled={!sure} busy={act.busy}>Erase for good</Press>
        </div>
      </form>
    </Dialog>
  );
}
