// For any chat or person: which settings hold, and where each comes from.
import { useAction } from '../action.js';
import { send } from '../api.js';
import { About, Choice, Empty, Field, Press, Problem, Tag } from '../controls.js';
import { probability } from '../format.js';
import { Card, Loaded, Table } from '../parts.js';
import { type Resource, useResource } from '../resource.js';
import { type List, type Override, type Routing, scopeText, type Setting, settingText, sourceText } from './types.js';
import { useState } from 'preact/hooks';

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
    routing.set(await send<Routing>('DELETE', path));
    if (scope === override.scope) choose('global');
  });
  return (
    <Card title="Exceptions">
      <About>Chats and people with thresholds of their own. The narrower one wins: person, then chat, then everybody.</About>
      {drop.error && <Problem text={drop.error} again={() => { drop.clear(); routing.reload(); }} label="Load the new values" />}
      <Loaded from={routing}>
        {({ overrides }) => overrides.length === 0 ? <Empty>No chat and no person has any.</Empty> : (
          <Table label="Chats and people with thresholds of their own" items={overrides} rowKey={(override) => override.scope}
            columns={[
              { title: 'For', cell: (override) => <span>{scopeText(override.scope)} <span class="s-note">{override.console ? 'by this console' : 'by the file'}</span></span> },
              { title: 'Ask from', figure: true, cell: (override) => probability(override.ask_at) },
              { title: 'Dispatch from', figure: true, cell: (override) => probability(override.dispatch_at) },
              { title: 'Actions', cell: (override) => (
                <span class="s-buttons">
                  <Press small label={`Change those of ${scopeText(override.scope)}`} onPress={() => choose(override.scope)}>Change</Press>
                  {override.console && <Press small least="operator" busy={drop.busy} label={`Drop those of ${scopeText(override.scope)}`} onPress={() => void remove(override)}>Drop</Press>}
                </span>
              ) },
            ]} />
        )}
      </Loaded>
      <NewOverride choose={choose} />
    </Card>
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
        <Choice value={kind} of={['chat', 'user'] as const} text={(one) => (one === 'user' ? 'a person' : 'a chat')} choose={setKind} />
      </Field>
      <Field label="Id" hint={wrong ? 'An id is written section:id, such as tg:-100123.' : undefined}>
        <input value={id} list={kind === 'chat' ? 's-chats' : 's-people'} placeholder="section:id" aria-invalid={wrong || undefined}
          onInput={(event) => setId(event.currentTarget.value)} />
      </Field>
      <Press submit disabled={!id.trim()}>Set its thresholds</Press>
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
    <Card wide title="What holds for whom">
      <About>Name a chat, a person or both: every setting that holds there, and which layer it comes from.</About>
      <form class="s-row" onSubmit={submit}>
        <Field label="Chat"><input list="s-chats" value={chat} placeholder="section:id" onInput={(event) => setChat(event.currentTarget.value)} /></Field>
        <Field label="Person"><input list="s-people" value={person} placeholder="section:id" onInput={(event) => setPerson(event.currentTarget.value)} /></Field>
        <Press submit style="primary" busy={settings.loading}>Show</Press>
      </form>
      {asked && (
        <Loaded from={settings}>
          {(shown) => (
            <Table label="Effective settings" items={shown.settings} rowKey={(setting) => setting.name}
              columns={[
                { title: 'Setting', cell: (setting) => <code>{setting.name}</code> },
                { title: 'Value', cell: (setting) => <strong>{settingText(setting.value)}</strong> },
                { title: 'Comes from', cell: (setting) => <Tag kind={setting.from === 'default' ? 'calm' : 'good'}>{sourceText(setting.from)}</Tag> },
                { title: 'What it stands over', cell: (setting) => {
                  const below = setting.layers.slice(1);
                  return below.length ? below.map((layer) => `${settingText(layer.value)} (${sourceText(layer.from)})`).join('; ') : 'nothing';
                } },
              ]} />
          )}
        </Loaded>
      )}
    </Card>
  );
}
