// Everything that waits for a person, with the buttons that settle it.

import { useState } from 'preact/hooks';
import { api } from './ground';
import { Badge, Button, Empty, Field, Problem, type Role, Shown, Time } from './parts';
import { useAction, useResource } from './resource';

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
    <Shown of={inbox}>
      {({ items }) => items.length === 0 ? <Empty>Nothing waits for a person.</Empty> : (
        <ul class="s-inbox">
          {items.map((item) => <InboxItem key={`${item.kind} ${item.id}`} item={item} done={inbox.reload} />)}
        </ul>
      )}
    </Shown>
  );
}

function InboxItem({ item, done }: { item: Item; done: () => void }) {
  const act = useAction();
  const [text, setText] = useState('');
  const [writing, setWriting] = useState<Action | null>(null);
  const kind = kinds[item.kind] ?? kinds.alert;
  const press = async (action: Action, words?: string) => {
    const body = { action: action.id, ...(words ? { text: words } : {}) };
    if (await act.run(async () => { await api.send('POST', `/inbox/${item.kind}/${encodeURIComponent(item.id)}`, body); })) done();
  };
  return (
    <li class="s-inbox-item">
      <div class="s-run-head">
        <Badge kind={kind.badge}>{kind.text}</Badge>
        <strong class="s-inbox-title">{item.title}</strong>
        <span class="s-run-time"><Time at={item.at} /></span>
      </div>
      {item.detail && <pre class="s-detail" tabIndex={0} role="region" aria-label={`Details of ${item.title}`}>{item.detail}</pre>}
      {(item.person || item.chat) && <p class="s-note">{[item.person, item.chat && `in ${item.chat}`].filter(Boolean).join(' ')}</p>}
      <div class="s-buttons">
        {item.actions.map((action) => (
          <Button key={action.id} small kind={action.style} least={kind.least} busy={act.busy} label={`${action.label}: ${item.title}`}
            onClick={() => (typed.has(action.id) ? setWriting(action) : void press(action))}>{action.label}</Button>
        ))}
      </div>
      {writing && (
        <form class="s-row" onSubmit={(event) => { event.preventDefault(); void press(writing, text.trim()); }}>
          <Field label={writing.id === 'change' ? 'What to do instead' : 'Why not (optional)'}>
            <textarea class="s-input" rows={2} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </Field>
          <Button type="submit" kind={writing.style} busy={act.busy} disabled={writing.id === 'change' && !text.trim()}>{writing.label}</Button>
          <Button onClick={() => setWriting(null)}>Leave it</Button>
        </form>
      )}
      {act.error && <Problem sentence={act.error} again={() => { act.clear(); done(); }} label="Look again" />}
    </li>
  );
}

export function Uncertain() {
  const deliveries = useResource<{ items: Delivery[] }>('/deliveries?state=uncertain', ['delivery', 'inbox']);
  return (
    <Shown of={deliveries}>
      {({ items }) => items.length === 0 ? <Empty>Every delivery is known to have arrived or not.</Empty> : (
        <ul class="s-inbox">{items.map((item) => <UncertainItem key={item.id} item={item} done={deliveries.reload} />)}</ul>
      )}
    </Shown>
  );
}

function UncertainItem({ item, done }: { item: Delivery; done: () => void }) {
  const act = useAction();
  const press = async (what: 'arrived' | 'send_again') => {
    if (await act.run(async () => { await api.send('POST', `/deliveries/${encodeURIComponent(String(item.id))}/${what}`, {}); })) done();
  };
  return (
    <li class="s-inbox-item">
      <div class="s-run-head"><strong>{item.section}</strong><span class="s-note">{item.chat}</span><span class="s-run-time"><Time at={item.at} /></span></div>
      {item.text && <pre class="s-detail" tabIndex={0} role="region" aria-label={`Text for ${item.chat}`}>{item.text}</pre>}
      {item.error && <p class="s-note">{item.error}</p>}
      <div class="s-buttons">
        <Button small least="admin" busy={act.busy} label={`It arrived: ${item.chat}`} onClick={() => void press('arrived')}>It arrived</Button>
        <Button small kind="danger" least="admin" busy={act.busy} label={`Send again: ${item.chat}`} onClick={() => void press('send_again')}>Send again</Button>
      </div>
      {act.error && <Problem sentence={act.error} again={() => { act.clear(); done(); }} label="Look again" />}
    </li>
  );
}
