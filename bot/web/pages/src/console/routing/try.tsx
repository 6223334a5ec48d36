// A sentence is judged as if it had come, and nothing is run.
import { About, Field, Press, Problem, Tag } from '../controls.js';
import { useAction } from '../action.js';
import { send } from '../api.js';
import { probability, probabilityOf } from '../format.js';
import { Card, Table } from '../parts.js';
import { may } from '../session.js';
import { sourceText, type Tried } from './types.js';
import { useState } from 'preact/hooks';

const verdicts: Record<string, { text: string; colour: 'answer' | 'ask' | 'dispatch' }> = {
  answer: { text: 'The secretary answers', colour: 'answer' }, ask: { text: 'Asks first', colour: 'ask' }, dispatch: { text: 'The specialist starts', colour: 'dispatch' },
};

export function TrySentence() {
  const [text, setText] = useState('');
  const [chat, setChat] = useState('');
  const [person, setPerson] = useState('');
  const [model, setModel] = useState(false);
  const [result, setResult] = useState<Tried | null>(null);
  const attempt = useAction();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (attempt.busy || !text.trim()) return;
    await attempt.run(async () => {
      const body = { text, model, ...(chat.trim() ? { chat: chat.trim() } : {}), ...(person.trim() ? { person: person.trim() } : {}) };
      setResult(await send<Tried>('POST', '/routing/try', body));
    });
  };
  return (
    <Card wide title="Try a sentence">
      <About>What would happen to it, and why. Nothing is run and nothing goes into the log.</About>
      <form class="s-form" onSubmit={submit}>
        <Field label="Message">
          <textarea rows={2} value={text} placeholder="build me a small REST API for tasks in Python" onInput={(event) => setText(event.currentTarget.value)} />
        </Field>
        <div class="s-row">
          <Field label="In the chat (optional)"><input list="s-chats" value={chat} onInput={(event) => setChat(event.currentTarget.value)} /></Field>
          <Field label="By the person (optional)"><input list="s-people" value={person} onInput={(event) => setPerson(event.currentTarget.value)} /></Field>
          {may('operator') && <label class="s-check"><input type="checkbox" checked={model} onChange={(event) => setModel(event.currentTarget.checked)} /> Ask the secretary, too (costs a call of the model)</label>}
          <Press submit style="primary" busy={attempt.busy} disabled={!text.trim()}>Try it</Press>
        </div>
      </form>
      {attempt.error && <Problem text={attempt.error} />}
      <div aria-live="polite">{result && <Result of={result} />}</div>
    </Card>
  );
}

function Result({ of }: { of: Tried }) {
  const verdict = verdicts[of.action] ?? { text: of.action, colour: 'answer' as const };
  return (
    <div class="s-result">
      <p class={`s-verdict s-verdict-${verdict.colour}`}><strong>{verdict.text}</strong> <span>p = {probabilityOf(of)}</span></p>
      <div class="s-gauge" role="img" aria-label={`p = ${probabilityOf(of)}; asks from ${probability(of.ask_at)}, dispatches from ${probability(of.dispatch_at)}`}>
        <span class="s-part s-part-answer" style={{ width: `${of.ask_at * 100}%` }} />
        <span class="s-part s-part-ask" style={{ width: `${(of.dispatch_at - of.ask_at) * 100}%` }} />
        <span class="s-part s-part-dispatch" style={{ width: `${(1 - of.dispatch_at) * 100}%` }} />
        <span class="s-needle" style={{ left: `${of.p * 100}%` }} />
      </div>
      {of.why.length > 0 && <ul class="s-why">{of.why.map((reason) => <li key={reason}>{reason}</li>)}</ul>}
      <p class="s-note">
        {of.rule ? <>The rule <code>{of.rule}</code> decided. </> : null}
        Asks from {probability(of.ask_at)} ({sourceText(of.ask_at_from)}), dispatches from {probability(of.dispatch_at)} ({sourceText(of.dispatch_at_from)}).
        {of.moved ? <> Moved: {of.moved}.</> : null}
        {of.secretary ? <> The secretary {of.secretary.called ? `proposes the specialist, with ${of.secretary.confidence ?? 'unknown'} confidence` : 'would answer by itself'}.</> : null}
        {of.assumed ? <> Taken for granted: {of.assumed}.</> : null}
        {of.shadow ? <> <Tag kind="warn">shadow: p is only kept</Tag></> : null}
      </p>
      <Features of={of} />
    </div>
  );
}

function Features({ of }: { of: Tried }) {
  const most = Math.max(0.01, ...of.features.map(({ weight }) => Math.abs(weight)));
  if (of.features.length === 0) return <p class="s-empty">No word of it has weight.</p>;
  return (
    <figure class="s-figure">
      <figcaption>The weightiest words: to the right they speak for the specialist, to the left for an answer.</figcaption>
      <div class="s-features" aria-hidden="true">
        {of.features.map(({ name, weight }) => (
          <div key={name} class="s-feature">
            <span class="s-word">{name}</span>
            <span class="s-lane"><span class={weight >= 0 ? 's-weight s-for' : 's-weight s-against'} style={{ width: `${(Math.abs(weight) / most) * 50}%` }} /></span>
            <span class="s-amount">{weight > 0 ? '+' : weight < 0 ? '−' : ''}{Math.abs(weight).toFixed(2)}</span>
          </div>
        ))}
      </div>
      <details class="s-details">
        <summary>The same as a table</summary>
        <Table label="The weightiest words" items={of.features} rowKey={({ name }) => name}
          columns={[{ title: 'Word', cell: ({ name }) => name }, { title: 'Weight', figure: true, cell: ({ weight }) => weight.toFixed(2) }]} />
      </details>
    </figure>
  );
}
