// "/admin/review": turns worth a look, judged by the keys 1 to 4.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { fullTime, probabilityOf, words } from '../format.js';
import { kVerdicts } from '../log/verdicts.js';
import { decisionAddress } from '../log/log_table.js';
import type { Detail, ReviewItem, Verdict } from '../log/types.js';
import { WhyCard } from '../log/why_card.js';
import { Badge, Card, Money, Rendered, Waiting } from '../parts.js';
import { go } from '../place.js';
import { useResource } from '../resource.js';
import { may } from '../session.js';
import { Queue } from './queue.js';

const kWhy: Record<string, string> = {
  near_threshold: 'p is near a threshold', refused: 'the person said no to the question', cancelled_soon: 'cancelled within 30 seconds', repaired: 'the person repaired it',
  blocked: 'the specialist was blocked', expensive: 'expensive', thumbs_down: '👎 from the person', random: 'one of a random few',
};
const kKeysOff = 'frontdesk.review.keys';

export function ReviewSection() {
  const [queue] = useState(() => new Queue());
  const [keys, setKeys] = useState(() => localStorage.getItem(kKeysOff) !== 'off');
  const heading = useRef<HTMLHeadingElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const drawn = useRef<number | undefined>(undefined);
  const [current, next] = queue.items.value;
  useEffect(() => queue.follow(), []);
  useLayoutEffect(() => {
    drawn.current = current?.id;
    heading.current?.focus({ preventScroll: true });
  }, [current?.id]);

  const give = (verdict: Verdict) => {
    if (!may('operator')) return;
    queue.give(verdict);
    scrollTo({ top: 0 });
  };
  const undo = () => {
    void queue.undo();
    scrollTo({ top: 0 });
  };
  // Before the turn is painted: whoever sees it can judge it.
  useLayoutEffect(() => {
    if (!keys) return;
    const press = (event: KeyboardEvent) => {
      if (event.key === 'u' && isFree(event) && queue.given.peek().length) {
        event.preventDefault();
        undo();
        return;
      }
      // Only what the reader has before the eyes is judged.
      if (drawn.current !== undefined && drawn.current === queue.items.peek()[0]?.id) {
        onKey(event, { give, skip: () => queue.later(), note: () => box.current?.focus(), open: () => go(decisionAddress(drawn.current!)) });
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [keys]);
  const choose = (on: boolean) => {
    setKeys(on);
    localStorage.setItem(kKeysOff, on ? 'on' : 'off');
  };
  return <div class="review">
    <Progress queue={queue} keys={keys} choose={choose} />
    {queue.refusal.value && <p class="notice in-page bad" role="alert"><span>{queue.refusal}</span></p>}
    {queue.error.value && <p class="notice in-page bad" role="alert"><span>{queue.error}</span> <button type="button" class="action" onClick={() => void queue.load()}>Try again</button></p>}
    {!queue.loaded.value && <Waiting />}
    {queue.loaded.value && !current && !queue.error.value && <Done queue={queue} undo={undo} keys={keys} />}
    {current && <article class="turn" aria-labelledby="turn-title">
      <h2 id="turn-title" ref={heading} tabIndex={-1}>Decision {current.id}</h2>
      <Turn key={current.id} item={current} />
    </article>}
    {current && (may('operator')
      ? <Judging queue={queue} box={box} give={give} heading={() => heading.current?.focus()} keys={keys} undo={undo} />
      : <p class="notice in-page warn">Judging takes an operator; as a viewer you see what waits.</p>)}
    <p class="unseen" role="status">{queue.said}</p>
    <Ahead item={next} />
  </div>;
}

interface Deeds {
  give: (verdict: Verdict) => void;
  skip: () => void;
  note: () => void;
  open: () => void;
}

/** Single keys act where nothing is being typed; they can be switched off (WCAG 2.1.4). */
function isFree(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return false;
  return !(event.target as Element).closest('input:not([type="checkbox"]), textarea, select, dialog');
}

function onKey(event: KeyboardEvent, deeds: Deeds): void {
  if (!isFree(event)) return;
  const verdict = kVerdicts[Number(event.key) - 1];
  const deed = verdict ? () => deeds.give(verdict.id) : { n: deeds.note, s: deeds.skip, o: deeds.open }[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
}

function Progress({ queue, keys, choose }: { queue: Queue; keys: boolean; choose: (on: boolean) => void }) {
  const judged = queue.judged.value;
  const total = queue.total.value;
  return <div class="progress">
    <div class="progress-line">
      <p><strong>{Math.max(0, total - judged)}</strong> to judge <span class="soft">· {judged} of {total} done</span></p>
      {may('operator') && <label class="keys"><input type="checkbox" checked={keys} onChange={(event) => choose(event.currentTarget.checked)} /> Single keys</label>}
    </div>
    <div class="meter" role="progressbar" aria-label="Judged" aria-valuemin={0} aria-valuemax={total} aria-valuenow={judged}><span style={{ width: total ? `${100 * judged / total}%` : '0' }} /></div>
  </div>;
}

interface UndoProps {
  queue: Queue;
  undo: () => void;
  keys: boolean;
}

function Done({ queue, undo, keys }: UndoProps) {
  return <div class="empty"><p class="all-done">Nothing waits for a verdict.</p>
    <p>{queue.judged.value > 0 ? `${queue.judged.value} judged. ` : ''}Turns worth a look come by themselves. Verdicts feed the calibration.</p>
    {queue.given.value.length > 0 && <p><Undo queue={queue} undo={undo} keys={keys} /></p>}</div>;
}

function Undo({ queue, undo, keys }: UndoProps) {
  const last = queue.given.value.at(-1);
  return <button type="button" class="action quiet" disabled={!last} aria-keyshortcuts={keys ? 'u' : undefined}
    title={last ? `Takes back “${words(last.verdict)}” on decision ${last.item.id}` : undefined} onClick={undo}>{keys && <kbd aria-hidden="true">u</kbd>} Undo</button>;
}

function Turn({ item }: { item: ReviewItem }) {
  const { data, error } = useResource<Detail>(`/decisions/${item.id}`);
  return <>
    <p class="turn-about soft">{fullTime(item.at)} · {item.name || item.person} in {item.chat_name || item.chat} · <Money usd={item.usd} /> · <a href={decisionAddress(item.id)}>All about it</a></p>
    <ul class="reasons" aria-label="Why it is here">{item.why.map((reason) => <li class="badge" data-kind="warn">{kWhy[reason] ?? words(reason)}</li>)}</ul>
    <div class="columns">
      <div>
        <Card title="Message"><pre class="prose">{item.text || 'The text is not kept any more.'}</pre></Card>
        <Card title="What came of it" aside={<Badge of={item.outcome} />}>
          {item.outcome_cause && <p class="soft">{item.outcome_cause}</p>}
          {data ? (data.posted_html || data.result_html ? <div class="result" role="group" aria-label="What was posted" tabIndex={0}><Rendered html={data.posted_html || data.result_html} /></div> : <p class="soft">Nothing was posted.</p>) : error ? <p class="soft">{error}</p> : <Waiting />}
        </Card>
      </div>
      {data ? <WhyCard detail={data} /> : <Card title="Why"><p class="soft">p {probabilityOf(item)}</p></Card>}
    </div>
  </>;
}

/** Asks for the turn after this one, so that its text stands there at once. */
function Ahead({ item }: { item: ReviewItem | undefined }) {
  useResource<Detail>(item ? `/decisions/${item.id}` : null);
  return null;
}

interface JudgingProps {
  queue: Queue;
  box: { current: HTMLInputElement | null };
  give: (verdict: Verdict) => void;
  heading: () => void;
  keys: boolean;
  undo: () => void;
}

function Judging({ queue, box, give, heading, keys, undo }: JudgingProps) {
  const back = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    heading();
  };
  return <section class="judging" aria-label="Verdict">
    <div class="actions" role="group" aria-label="Verdict">
      {kVerdicts.map(({ id, label, about }, index) => <button type="button" class="action verdict" title={about} aria-keyshortcuts={keys ? String(index + 1) : undefined} onClick={() => give(id)}>
        {keys && <kbd aria-hidden="true">{index + 1}</kbd>} {label}</button>)}
      <button type="button" class="action quiet" aria-keyshortcuts={keys ? 's' : undefined} onClick={() => queue.later()}>{keys && <kbd aria-hidden="true">s</kbd>} Later</button>
      <Undo queue={queue} undo={undo} keys={keys} />
    </div>
    <label class="field note"><span>Note {keys && <kbd aria-hidden="true">n</kbd>}</span><input ref={box} value={queue.note.value} autocomplete="off" placeholder="Enter leads back to the verdict" onInput={(event) => { queue.note.value = event.currentTarget.value; }} onKeyDown={back} /></label>
  </section>;
}
