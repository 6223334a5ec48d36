// For any chat or person: which settings hold, and where each comes from.

import { useState } from 'preact/hooks';
import { api } from './ground';
import { p2, settingText } from './format';
import { Badge, Button, Empty, Field, Panel, Problem, Shown, Table } from './parts';
import { type Resource, useAction, useResource } from './resource';
import { type List, type Override, type Routing, scopeText, type Setting, sourceText } from './routing_types';

interface Person { person: string; name: string }

/** Suggestions for the fields of people; the field takes any id. */
export function PeopleList({ id }: { id: string }) {
  const people = useResource<List<Person>>('/people?limit=200');
  return <datalist id={id}>{people.data?.items.map(({ person, name }) => <option key={person} value={person}>{name}</option>)}</datalist>;
}

export function ChatList({ id }: { id: string }) {
  const chats = useResource<List<{ key: string; name?: string | null }>>('/summary?by=chat');
  return <datalist id={id}>{chats.data?.items.map(({ key, name }) => <option key={key} value={key}>{name ?? key}</option>)}</datalist>;
}

export function Overrides({ routing, scope, choose }: { routing: Resource<Routing>; scope: string; choose: (scope: string) => void }) {
  const drop = useAction();
  const remove = (override: Override) => drop.run(async () => {
    const path = `/routing?scope=${encodeURIComponent(override.scope)}&version=${routing.data?.version ?? ''}`;
    routing.set(await api.send<Routing>('DELETE', path));
    if (scope === override.scope) choose('global');
  });
  return (
    <Panel title="Exceptions" about="Chats and people with thresholds of their own. The narrower one wins: person, then chat, then everybody.">
      {drop.error && <Problem sentence={drop.error} again={() => { drop.clear(); routing.reload(); }} label="Load the new values" />}
      <Shown of={routing}>
        {({ overrides }) => overrides.length === 0 ? <Empty>No chat and no person has any.</Empty> : (
          <Table caption="Exceptions" rows={overrides} keyOf={(override) => override.scope}
            columns={[
              { head: 'For', wide: true, cell: (override) => scopeText(override.scope) },
              { head: 'Ask from', number: true, cell: (override) => p2(override.ask_at) },
              { head: 'Dispatch from', number: true, cell: (override) => p2(override.dispatch_at) },
              { head: '', cell: (override) => (
                <span class="s-buttons">
                  <Button small label={`Change those of ${scopeText(override.scope)}`} onClick={() => choose(override.scope)}>Change</Button>
                  <Button small least="operator" busy={drop.busy} label={`Drop those of ${scopeText(override.scope)}`} onClick={() => void remove(override)}>Drop</Button>
                </span>
              ) },
            ]} />
        )}
      </Shown>
      <NewOverride choose={choose} />
    </Panel>
  );
}

const anId = /^[^\s:]+:\S+$/;

function NewOverride({ choose }: { choose: (scope: string) => void }) {
  const [kind, setKind] = useState<'chat' | 'user'>('chat');
  const [id, setId] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    setWrong(!anId.test(id.trim()));
    if (anId.test(id.trim())) choose(`${kind} ${id.trim()}`);
  };
  return (
    <form class="s-row" onSubmit={submit}>
      <Field label="A new one for">
        <select class="s-input" value={kind} onChange={(event) => setKind(event.currentTarget.value === 'user' ? 'user' : 'chat')}>
          <option value="chat">a chat</option>
          <option value="user">a person</option>
        </select>
      </Field>
      <Field label="Id" hint={wrong ? 'An id is written section:id, such as tg:-100123.' : undefined}>
        <input class="s-input" value={id} list={kind === 'chat' ? 's-chats' : 's-people'} placeholder="section:id" aria-invalid={wrong || undefined}
          onInput={(event) => setId(event.currentTarget.value)} />
      </Field>
      <Button type="submit" disabled={!id.trim()}>Set its thresholds</Button>
    </form>
  );
}

export function Effective() {
  const [chat, setChat] = useState('');
  const [person, setPerson] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const settings = useResource<{ settings: Setting[] }>(asked, ['routing']);
  const submit = (event: Event) => {
    event.preventDefault();
    const parts = [chat.trim() && `chat=${encodeURIComponent(chat.trim())}`, person.trim() && `person=${encodeURIComponent(person.trim())}`].filter(Boolean);
    const path = `/routing/effective${parts.length ? '?' : ''}${parts.join('&')}`;
    if (path === asked) settings.reload();
    else setAsked(path);
  };
  return (
    <Panel wide title="What holds for whom" about="Name a chat, a person or both: every setting that holds there, and which layer it comes from.">
      <form class="s-row" onSubmit={submit}>
        <Field label="Chat"><input class="s-input" list="s-chats" value={chat} placeholder="section:id" onInput={(event) => setChat(event.currentTarget.value)} /></Field>
        <Field label="Person"><input class="s-input" list="s-people" value={person} placeholder="section:id" onInput={(event) => setPerson(event.currentTarget.value)} /></Field>
        <Button type="submit" kind="primary" busy={settings.loading}>Show</Button>
      </form>
      {asked && (
        <Shown of={settings}>
          {(shown) => (
            <Table caption="Effective settings" rows={shown.settings} keyOf={(setting) => setting.name}
              columns={[
                { head: 'Setting', cell: (setting) => <code>{setting.name}</code> },
                { head: 'Value', wide: true, cell: (setting) => <strong>{settingText(setting.value)}</strong> },
                { head: 'Comes from', cell: (setting) => <Badge kind={setting.from === 'default' ? 'calm' : 'good'}>{sourceText(setting.from)}</Badge> },
                { head: 'What it stands over', wide: true, cell: (setting) => {
                  const below = setting.layers.filter((layer) => layer.from !== setting.from);
                  return below.length ? below.map((layer) => `${settingText(layer.value)} (${sourceText(layer.from)})`).join('; ') : 'nothing';
                } },
              ]} />
          )}
        </Shown>
      )}
    </Panel>
  );
}
