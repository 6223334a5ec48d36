// The thresholds of one scope: dragged or typed or by prices, projected on the last days, saved with a reason, undone.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { api } from './ground';
import { count, p2, percent, plural, usd } from './format';
import { Badge, Button, Empty, Field, Panel, Problem, RoleNote, Shown, Time } from './parts';
import { Figure } from './plot';
import { useProjection } from './projection';
import { type Resource, useAction, useResource } from './resource';
import { type Change, type Distribution, type List, type Prices, type Projection, type Routing, scopeText, sourceText } from './routing_types';
import { bounded, ThresholdChart, type Thresholds, total } from './thresholds';

const query = (values: Record<string, string | number | null>): string =>
  Object.entries(values).filter(([, value]) => value !== null).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');

/** What is in force for the scope: its own where it has some, else everybody's. */
export function inForce(routing: Routing, scope: string): Thresholds {
  const own = routing.overrides.find((override) => override.scope === scope);
  return { ask_at: own?.ask_at ?? routing.ask_at, dispatch_at: own?.dispatch_at ?? routing.dispatch_at };
}

interface EditorProps { routing: Resource<Routing>; scope: string; days: number }

export function ThresholdEditor({ routing, scope, days }: EditorProps) {
  const distribution = useResource<Distribution>(`/routing/distribution?${query({ days, scope: scope === 'global' ? null : scope })}`);
  return (
    <Panel wide title="Where the line is drawn"
      about="Each message gets p, the probability that it needs the specialist. Drag the two lines, or move them by the arrow keys: what the last days would have looked like is computed at once.">
      <Shown of={routing} lines={6}>
        {(now) => <Draft key={`${scope} ${now.version}`} now={now} routing={routing} scope={scope} days={days} distribution={distribution} />}
      </Shown>
    </Panel>
  );
}

interface DraftProps extends EditorProps { now: Routing; distribution: Resource<Distribution> }

function Draft({ now, routing, scope, days, distribution }: DraftProps) {
  const saved = useMemo(() => inForce(now, scope), [now, scope]);
  const [value, setValue] = useState<Thresholds>(saved);
  const [prices, setPrices] = useState<Prices | null>(null);
  const changed = value.ask_at !== saved.ask_at || value.dispatch_at !== saved.dispatch_at || prices !== null;
  const path = (at: Thresholds) => `/routing/projection?${query({ ask_at: at.ask_at, dispatch_at: at.dispatch_at, days, scope: scope === 'global' ? null : scope })}`;
  const draft = useProjection(path(value));
  const before = useProjection(changed ? path(saved) : null);
  const move = (next: Thresholds) => {
    setPrices(null);
    setValue(next);
  };
  return (
    <>
      <Shown of={distribution} lines={6}>
        {(shown) => shown.n === 0
          ? <Empty>No turn was decided here in {plural(days, 'day')}, so there is nothing to project on. The thresholds can be set all the same.</Empty>
          : (
            <Figure says={<>{plural(shown.n, 'turn')} in {plural(days, 'day')}, by p. Heights grow with the square root, so that rare turns show.</>}
              caption="Turns by p" rows={shown.bins.filter((bin) => total(bin) > 0)}
              columns={[
                { head: 'p', cell: (bin) => `${p2(bin.from)} to ${p2(bin.to)}` },
                { head: 'Answered', number: true, cell: (bin) => count(bin.answer) },
                { head: 'Asked', number: true, cell: (bin) => count(bin.ask) },
                { head: 'Dispatched', number: true, cell: (bin) => count(bin.dispatch) },
                { head: 'Known mistakes', number: true, cell: (bin) => count(bin.mistakes) },
              ]}>
              <ThresholdChart bins={shown.bins} value={value} saved={saved} change={move} />
            </Figure>
          )}
      </Shown>
      <Numbers value={value} change={move} />
      <Outlook draft={draft.shown} before={changed ? before.shown : null} fresh={draft.fresh} error={draft.error} days={days} />
      <SaveForm routing={routing} now={now} scope={scope} value={value} prices={prices} changed={changed} revert={() => move(saved)} />
      <ByPrices now={now.prices} apply={(next, at) => { setPrices(next); setValue(at); }} />
    </>
  );
}

function Numbers({ value, change }: { value: Thresholds; change: (next: Thresholds) => void }) {
  const input = (which: keyof Thresholds, label: string) => (
    <Field label={label}>
      <input class="s-input s-short" type="number" inputMode="decimal" min={0} max={1} step={0.01} value={value[which]}
        onChange={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          if (Number.isFinite(typed)) change(bounded(value, which, typed));
          event.currentTarget.value = String(value[which]);
        }} />
    </Field>
  );
  return <div class="s-row">{input('ask_at', 'Ask from p =')}{input('dispatch_at', 'Dispatch from p =')}</div>;
}

interface OutlookProps { draft: Projection | null; before: Projection | null; fresh: boolean; error: string | null; days: number }

function Outlook({ draft, before, fresh, error, days }: OutlookProps) {
  if (error) return <Problem sentence={error} />;
  if (!draft) return <p class="s-note" role="status">Computing what it would have been…</p>;
  const share = (name: 'answer' | 'ask' | 'dispatch', label: string) => (
    <Fact label={label} value={percent(draft[name])} change={before ? signed((draft[name] - before[name]) * 100, 1, ' points') : null} colour={name} />
  );
  return (
    <div class={fresh ? 's-outlook' : 's-outlook s-stale'} aria-label={`Projection on the last ${plural(days, 'day')}`} role="group" aria-busy={!fresh}>
      <div class="s-stack" aria-hidden="true">
        {(['answer', 'ask', 'dispatch'] as const).map((name) => <span key={name} class={`s-part s-part-${name}`} style={{ width: `${draft[name] * 100}%` }} />)}
      </div>
      <dl class="s-facts" data-projection={JSON.stringify(draft)}>
        {share('answer', 'Answered')}
        {share('ask', 'Asked first')}
        {share('dispatch', 'Dispatched')}
        <Fact label="Projected cost" value={usd(draft.usd)} change={before && before.usd !== null && draft.usd !== null ? signed(draft.usd - before.usd, 2, ' $') : null} />
        <Fact label="Known mistakes" value={count(draft.known_mistakes)} change={before ? signed(draft.known_mistakes - before.known_mistakes, 0, '') : null} />
        <Fact label="Turns looked at" value={count(draft.n)} change={null} />
      </dl>
    </div>
  );
}

function signed(value: number, digits: number, unit: string): string | null {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? null : `${value > 0 ? '+' : '−'}${text.replace('-', '')}${unit}`;
}

function Fact({ label, value, change, colour }: { label: string; value: string; change: string | null; colour?: string }) {
  return (
    <div class="s-fact">
      <dt>{colour && <span class={`s-key s-key-${colour}`} aria-hidden="true" />}{label}</dt>
      <dd>{value}{change && <span class="s-change">{change}</span>}</dd>
    </div>
  );
}

interface SaveProps {
  routing: Resource<Routing>;
  now: Routing;
  scope: string;
  value: Thresholds;
  prices: Prices | null;
  changed: boolean;
  revert: () => void;
}

function SaveForm({ routing, now, scope, value, prices, changed, revert }: SaveProps) {
  const [reason, setReason] = useState('');
  const save = useAction();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (save.busy || !changed || !reason.trim()) return;
    const body = prices ? { scope, prices, reason: reason.trim(), version: now.version } : { scope, ...value, reason: reason.trim(), version: now.version };
    await save.run(async () => routing.set(await api.send<Routing>('PUT', '/routing', body)));
  };
  return (
    <form class="s-save" onSubmit={submit}>
      <Field label="Reason for the change" hint="It stands in the log of changes beside your name.">
        <input class="s-input" value={reason} maxLength={500} required onInput={(event) => setReason(event.currentTarget.value)} />
      </Field>
      <div class="s-row">
        <Button type="submit" kind="primary" least="operator" disabled={!changed || !reason.trim()} busy={save.busy}>Save for {scope === 'global' ? 'everybody' : scopeText(scope).toLowerCase().replace(/^(person|chat) .*/, 'this $1')}</Button>
        <Button disabled={!changed} onClick={revert}>Put back</Button>
        <p class="s-note" role="status">{changed ? `Not saved yet.${reason.trim() ? '' : ' Saving needs a reason.'}` : `In force: ask from ${p2(value.ask_at)} (${sourceText(now.ask_at_from)}), dispatch from ${p2(value.dispatch_at)} (${sourceText(now.dispatch_at_from)}).`}</p>
      </div>
      <RoleNote least="operator" />
      {save.error && (save.status === 409 ? <Stale sentence={save.error} reload={routing.reload} /> : <Problem sentence={save.error} />)}
    </form>
  );
}

/** Somebody else was faster: says who, and takes their values on demand. */
function Stale({ sentence, reload }: { sentence: string; reload: () => void }) {
  const history = useResource<List<Change>>('/routing/history?limit=1');
  const last = history.data?.items[0];
  return (
    <div class="s-problem" role="alert">
      <span>
        {sentence}
        {last && <> {last.by} changed {scopeText(last.scope).toLowerCase()} at <Time at={last.at} />{last.reason ? <>: “{last.reason}”</> : null}.</>}
      </span>
      <button type="button" class="s-button s-small" onClick={reload}>Load the new values</button>
    </div>
  );
}

/** The two numbers that three prices mean; the server compiles the same when it stores them. */
export function fromPrices({ needless_dispatch: c, missed_dispatch: l, question: q }: Prices): Thresholds {
  const single = c / (c + l);
  const [ask, dispatch] = q < (l * c) / (l + c) ? [q / l, 1 - q / c] : [single, single];
  const round = (x: number) => Math.round(Math.min(1, Math.max(0, x)) * 100) / 100;
  return { ask_at: round(ask), dispatch_at: round(dispatch) };
}

function ByPrices({ now, apply }: { now: Prices | null; apply: (prices: Prices, at: Thresholds) => void }) {
  const [prices, setPrices] = useState<Prices>(now ?? { needless_dispatch: 0.3, missed_dispatch: 0.5, question: 0.05 });
  const good = Object.values(prices).every((price) => Number.isFinite(price) && price > 0);
  const at = good ? fromPrices(prices) : null;
  const field = (name: keyof Prices, label: string) => (
    <Field label={label}>
      <input class="s-input s-short" type="number" inputMode="decimal" min={0.001} step="any" value={prices[name]}
        onInput={(event) => setPrices({ ...prices, [name]: event.currentTarget.valueAsNumber })} />
    </Field>
  );
  return (
    <details class="s-details" open={now !== null}>
      <summary>Set them by prices instead</summary>
      <p class="s-about">What goes wrong has a price, in any unit of your own. The cheapest choice follows: ask from <em>question ÷ missed</em>, dispatch from <em>1 − question ÷ needless</em>.</p>
      <div class="s-row">
        {field('needless_dispatch', 'A needless dispatch')}
        {field('missed_dispatch', 'A missed dispatch')}
        {field('question', 'One question')}
        <Button disabled={!at} onClick={() => at && apply(prices, at)}>Show on the chart</Button>
      </div>
      <p class="s-note" role="status">{at ? `These prices ask from ${p2(at.ask_at)} and dispatch from ${p2(at.dispatch_at)}.` : 'Each price must be above 0.'}</p>
    </details>
  );
}

export function History({ routing }: { routing: Resource<Routing> }) {
  const history = useResource<List<Change>>('/routing/history?limit=200', ['routing']);
  const undo = useAction();
  const version = routing.data?.version;
  useEffect(() => {
    if (version !== undefined && history.data) history.reload();
  }, [version]);
  const put = (change: Change, to: Change | null) => undo.run(async () => {
    const reason = `Undo of: ${change.reason ?? 'a change'}`.slice(0, 500);
    const answer = to?.ask_at != null && to.dispatch_at != null
      ? await api.send<Routing>('PUT', '/routing', { scope: change.scope, ask_at: to.ask_at, dispatch_at: to.dispatch_at, reason, version })
      : await api.send<Routing>('DELETE', `/routing?${query({ scope: change.scope, version: version ?? null })}`);
    routing.set(answer);
    history.reload();
  });
  return (
    <Panel title="Changes" about="Everything that was set here, newest first.">
      {undo.error && <Problem sentence={undo.error} again={() => { undo.clear(); routing.reload(); }} label="Load the new values" />}
      <Shown of={history}>
        {({ items }) => items.length === 0 ? <Empty>Nothing was changed in the console yet.</Empty> : (
          <ol class="s-list">
            {items.map((change, index) => {
              const earlier = items.slice(index + 1).find((other) => other.scope === change.scope) ?? null;
              const latest = !items.slice(0, index).some((other) => other.scope === change.scope);
              return (
                <li key={change.version}>
                  <div>
                    <strong>{scopeText(change.scope)}</strong>{' '}
                    {change.ask_at === null && change.dispatch_at === null ? 'dropped: the file holds again' : `ask from ${p2(change.ask_at)}, dispatch from ${p2(change.dispatch_at)}`}
                    {latest && <> <Badge kind="good">in force</Badge></>}
                    <p class="s-note">{change.reason ? `“${change.reason}” ` : ''}{change.by}, <Time at={change.at} /></p>
                  </div>
                  {latest && <Button small least="operator" busy={undo.busy} label={`Undo the change of ${scopeText(change.scope)}`} onClick={() => void put(change, earlier)}>Undo</Button>}
                </li>
              );
            })}
          </ol>
        )}
      </Shown>
    </Panel>
  );
}
