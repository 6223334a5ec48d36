// Everything that waits for a person, with the buttons that settle it.
import { useAction } from '../action.js';
import { send } from '../api.js';
import { Empty, Field, Press, Problem, Tag } from '../controls.js';
import { Loaded, Time } from '../parts.js';
import { useResource } from '../resource.js';
import type { Role } from '../session.js';
import { useState } from 'preact/hooks';

interface Action { id: string; label: string; style: 'primary' | 'danger' | 'plain' }

interface Item {
  kind: 'question' | 'approval' | 'uncertain' | 'pairing' | 'suspect' | 'alert';
  id: string;
  at: string;
  chat: string | null;
  person: string | null;
  title: string;
  detail: string | null;
  actions: Action[];
}

interface Delivery { id: string | number; at: string; section: string; chat: string; kind: string; state: string; error: string | null; text: string | null }

const kinds: Record<Item['kind'], { text: string; badge: 'good' | 'warn' | 'bad' | 'calm'; least: Role }> = {
  question: { text: 'Question', badge: 'calm', least: 'operator' },
  approval: { text: 'Approval', badge: 'warn', least: 'operator' },
  uncertain: { text: 'Uncertain delivery', badge: 'warn', least: 'admin' },
  pairing: { text: 'Wants to come in', badge: 'good', least: 'admin' },
  suspect: { text: 'Suspected crash', badge: 'bad', least: 'admin' },
  alert: { text: 'Alert', badge: 'bad', least: 'operator' },
};

const typed = new Set(['change', 'deny']);

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
  const [writing, setWriting] = useState<Action | null>(null);
  const kind = kinds[item.kind] ?? kinds.alert;
  const press = async (action: Action, words?: string) => {
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
      {item.detail && <pre class="s-detail" tabIndex={0} role="region" aria-label={`Details of ${item.title}`}>{item.detail}</pre>}
      {(item.person || item.chat) && <p class="s-note">{[item.person, item.chat && `in ${item.chat}`].filter(Boolean).join(' ')}</p>}
      <div class="s-buttons">
        {item.actions.map((action) => (
          <Press key={action.id} small style={action.style} least={kind.least} busy={act.busy} label={`${action.label}: ${item.title}`}
            onPress={() => (typed.has(action.id) ? setWriting(action) : void press(action))}>{action.label}</Press>
        ))}
      </div>
      {writing && (
        <form class="s-row" onSubmit={(event) => { event.preventDefault(); void press(writing, text.trim()); }}>
          <Field label={writing.id === 'change' ? 'What to do instead' : 'Why not (optional)'}>
            <textarea rows={2} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </Field>
          <Press submit style={writing.style} busy={act.busy} disabled={writing.id === 'change' && !text.trim()}>{writing.label}</Press>
          <Press onPress={() => setWriting(null)}>Leave it</Press>
        </form>
      )}
      {act.error && <Problem text={act.error} again={() => { act.clear(); done(); }} label="Look again" />}
    </li>
  );
}

export function Uncertain() {
  const deliveries = useResource<{ items: Delivery[] }>('/deliveries?state=uncertain', ['delivery', 'inbox']);
  return (
    <Loaded from={deliveries}>
      {({ items }) => items.length === 0 ? <Empty>Every delivery is known to have arrived or not.</Empty> : (
        <ul class="s-inbox">{items.map((item) => <UncertainItem key={item.id} item={item} done={deliveries.reload} />)}</ul>
      )}
    </Loaded>
  );
}

function UncertainItem({ item, done }: { item: Delivery; done: () => void }) {
  const act = useAction();
  const press = async (what: 'arrived' | 'send_again') => {
    if (await act.run(async () => { await send('POST', `/deliveries/${encodeURIComponent(String(item.id))}/${what}`, {}); })) done();
  };
  return (
    <li class="s-inbox-item">
      <div class="s-run-head"><strong>{item.section}</strong><span class="s-note">{item.chat}</span><span class="s-run-time"><Time at={item.at} /></span></div>
      {item.text && <pre class="s-detail" tabIndex={0} role="region" aria-label={`Text for ${item.chat}`}>{item.text}</pre>}
      {item.error && <p class="s-note">{item.error}</p>}
      <div class="s-buttons">
        <Press small least="admin" busy={act.busy} label={`It arrived: ${item.chat}`} onPress={() => void press('arrived')}>It arrived</Press>
        <Press small style="danger" least="admin" busy={act.busy} label={`Send again: ${item.chat}`} onPress={() => void press('send_again')}>Send again</Press>
      </div>
      {act.error && <Problem text={act.error} again={() => { act.clear(); done(); }} label="Look again" />}
    </li>
  );
}
