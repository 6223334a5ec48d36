// Everything that waits for a person, with the buttons that settle it.
import { useAction } from '../action.js';
import { send } from '../api.js';
import { Empty, Field, Press, Problem, Tag } from '../controls.js';
import { Loaded, Time } from '../parts.js';
import { useResource } from '../resource.js';
import type { Role } from '../session.js';
import { useState } from 'preact/hooks';

interface Choice { id: string; label: string; style: 'primary' | 'danger' | 'plain'; needs_text: boolean }

interface Item {
  kind: 'question' | 'approval' | 'uncertain' | 'pairing' | 'suspect' | 'alert' | 'tool' | 'uncertain_call';
  id: string;
  at: string;
  until?: string | null;
  chat: string | null;
  person: string | null;
  name: string | null;
  dispatch: string | null;
  project: string | null;
  tool?: string | null;
  title: string;
  detail: string | null;
  actions: Choice[];
}

interface Delivery {
  id: string;
  at: string;
  section: string;
  chat: string;
  part: number | null;
  state: 'uncertain' | 'doubled' | 'dead' | 'waiting' | 'delivered';
  error: string | null;
  text: string;
}

const kinds: Record<Item['kind'], { text: string; badge: 'good' | 'warn' | 'bad' | 'calm'; least: Role }> = {
  question: { text: 'Question', badge: 'calm', least: 'operator' },
  approval: { text: 'Approval', badge: 'warn', least: 'admin' },
  uncertain: { text: 'Uncertain delivery', badge: 'warn', least: 'admin' },
  tool: { text: 'Tool call', badge: 'warn', least: 'admin' },
  uncertain_call: { text: 'Uncertain tool call', badge: 'warn', least: 'admin' },
  pairing: { text: 'Wants to come in', badge: 'good', least: 'admin' },
  suspect: { text: 'Crash', badge: 'bad', least: 'operator' },
  alert: { text: 'Alert', badge: 'bad', least: 'operator' },
};

export function Inbox() {
  const inbox = useResource<{ items: Item[] }>('/inbox', ['inbox', 'dispatch', 'delivery']);
  return (
    <Loaded from={inbox}>
      {({ items }) => items.length === 0 ? <Empty>Nothing waits for a person.</Empty> : (
        <ul class="s-inbox">
          {items.map((item) => <InboxItem key={`${item.kind} ${item.id}`} item={item} done={inbox.reload} />)}
        </ul>
      )}
    </Loaded>
  );
}

function InboxItem({ item, done }: { item: Item; done: () => void }) {
  const act = useAction();
  const [text, setText] = useState('');
  const [writing, setWriting] = useState<Choice | null>(null);
  const kind = kinds[item.kind] ?? kinds.alert;
  const press = async (action: Choice, words?: string) => {
    const body = { action: action.id, ...(words ? { text: words } : {}) };
    if (await act.run(async () => { await send('POST', `/inbox/${item.kind}/${encodeURIComponent(item.id)}`, body); })) done();
  };
  return (
    <li class="s-inbox-item">
      <div class="s-run-head">
        <Tag kind={kind.badge}>{kind.text}</Tag>
        <strong class="s-inbox-title">{item.title}</strong>
        <span class="s-run-time"><Time at={item.at} /></span>
      </div>
      {item.detail && <pre class="s-detail" tabIndex={0} role="region" aria-label={`Details of ${item.title}, ${item.id}`}>{item.detail}</pre>}
      <p class="s-note">
        {[item.project, item.dispatch, item.kind === 'tool' ? item.tool : null, item.name, item.chat && `in ${item.chat}`].filter(Boolean).join(', ')}{item.person && <> <code>{item.person}</code></>}
        {item.until && <>{' '}until <Time at={item.until} /></>}
      </p>
      <div class="s-buttons">
        {item.actions.map((action) => (
          <Press key={action.id} small style={action.style} least={kind.least} busy={act.busy} label={`${action.label}: ${item.title}`}
            onPress={() => (action.needs_text ? setWriting(action) : void press(action))}>{action.label}</Press>
        ))}
      </div>
      {writing && (
        <form class="s-row" onSubmit={(event) => { event.preventDefault(); void press(writing, text.trim()); }}>
          <Field label={writing.id === 'change' ? 'What to do instead' : item.kind === 'tool' ? 'Why not: their chat is told' : 'In your words'}>
            <textarea rows={2} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </Field>
          <Press submit style={writing.style} busy={act.busy} disabled={!text.trim()}>{writing.label}</Press>
          <Press onPress={() => setWriting(null)}>Leave it</Press>
        </form>
      )}
      {act.error && <Problem text={act.error} again={() => { act.clear(); done(); }} label="Look again" />}
    </li>
  );
}

const states = {
  uncertain: { badge: 'warn', text: 'may be missing', says: 'The call was cut before its answer came. Look into the chat whether it is there.' },
  doubled: { badge: 'warn', text: 'may be there twice', says: 'It arrived; an empty placeholder may be left over in the chat.' },
  dead: { badge: 'bad', text: 'not delivered', says: null },
} as const;

/** What may be missing, doubled, or was given up. */
export function Deliveries() {
  const deliveries = useResource<{ items: Delivery[] }>('/deliveries?limit=50', ['delivery', 'inbox']);
  return (
    <Loaded from={deliveries}>
      {({ items }) => {
        const rows = items.filter((item) => item.state in states);
        return rows.length === 0 ? <Empty>Every delivery is known to have arrived.</Empty>
          : <ul class="s-inbox">{rows.map((item) => <DeliveryItem key={item.id} item={item} done={deliveries.reload} />)}</ul>;
      }}
    </Loaded>
  );
}

function DeliveryItem({ item, done }: { item: Delivery; done: () => void }) {
  const act = useAction();
  const press = async (what: 'arrived' | 'put_away' | 'send_again') => {
    if (await act.run(async () => { await send('POST', `/deliveries/${encodeURIComponent(item.id)}/${what}`, {}); })) done();
  };
  const settles = item.state === 'uncertain' ? 'It arrived' : 'Put away';
  const { badge, text, says } = states[item.state as keyof typeof states];
  return (
    <li class="s-inbox-item">
      <div class="s-run-head"><Tag kind={badge}>{text}</Tag><strong>{item.chat}</strong><span class="s-run-time"><Time at={item.at} /></span></div>
      {item.text && <pre class="s-detail" tabIndex={0} role="region" aria-label={`Text for ${item.chat}, ${item.id}`}>{item.text}</pre>}
      <p class="s-note">{[item.part !== null && item.part > 1 && `Part ${item.part}.`, says, item.error].filter(Boolean).join(' ')}</p>
      <div class="s-buttons">
        <Press small least="admin" busy={act.busy} label={`${settles}: ${item.chat}`} onPress={() => void press(item.state === 'dead' ? 'put_away' : 'arrived')}>{settles}</Press>
        {item.state !== 'doubled' && <Press small style="danger" least="admin" busy={act.busy} label={`Send again: ${item.chat}`} onPress={() => void press('send_again')}>Send again</Press>}
      </div>
      {act.error && <Problem text={act.error} again={() => { act.clear(); done(); }} label="Look again" />}
    </li>
  );
}
