// The thresholds of one scope: dragged or typed or by prices, projected on the last days, saved with a reason, undone.
import { useAction } from '../action.js';
import { send } from '../api.js';
import { Picture } from '../charts/plot.js';
import { About, Decimal, Empty, Field, Press, Problem, RoleNote, Tag } from '../controls.js';
import { count, money, plural, probability, share } from '../format.js';
import { Card, Loaded, Notice, Time } from '../parts.js';
import { type Resource, useResource } from '../resource.js';
import { useProjection } from './projection.js';
import { bounded, ThresholdChart, type Thresholds, total } from './thresholds.js';
import { type Change, type Distribution, type List, type Prices, type Projection, type Routing, scopeText, settingText, sourceText } from './types.js';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

const byRule = (shown: Distribution): number => shown.bins.reduce((sum, bin) => sum + bin.by_rule, 0);

const query = (values: Record<string, string | number | null>): string =>
  Object.entries(values).filter(([, value]) => value !== null).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');

/** What is in force for the scope: its own where it has some, else everybody's. */
export function inForce(routing: Routing, scope: string): Thresholds {
  const own = routing.overrides.find((override) => override.scope === scope);
  return { ask_at: own?.ask_at ?? routing.ask_at, dispatch_at: own?.dispatch_at ?? routing.dispatch_at };
}

/** What only turns of that chat or person are asked for by; of everybody nothing has to be said. */
const onlyOf = (scope: string): string | null => (scope === 'global' ? null : scope);

interface EditorProps { routing: Resource<Routing>; scope: string; days: number }

export function ThresholdEditor({ routing, scope, days }: EditorProps) {
  const distribution = useResource<Distribution>(`/routing/distribution?${query({ days, scope: onlyOf(scope) })}`);
  return (
    <Card wide title="Where the line is drawn">
      <About>Each message gets p, the probability that it needs the specialist. Drag the two lines, or move them by the arrow keys: what the last days would have looked like is computed at once.</About>
      <Loaded from={routing}>
        {(now) => <Draft key={scope} now={now} routing={routing} scope={scope} days={days} distribution={distribution} />}
      </Loaded>
    </Card>
  );
}

interface DraftProps extends EditorProps { now: Routing; distribution: Resource<Distribution> }

function Draft({ now, routing, scope, days, distribution }: DraftProps) {
  const saved = useMemo(() => inForce(now, scope), [now, scope]);
  const ofScope = onlyOf(scope);
  const [value, setValue] = useState<Thresholds>(saved);
  const [prices, setPrices] = useState<Prices | null>(null);
  const [overtaken, setOvertaken] = useState(false);
  const seen = useRef({ version: now.version, saved });
  const differs = (from: Thresholds) => value.ask_at !== from.ask_at || value.dispatch_at !== from.dispatch_at || prices !== null;
  // What is dragged stays; it is said on top of whose values it would be saved.
  useLayoutEffect(() => {
    if (seen.current.version === now.version) return;
    const dragged = differs(seen.current.saved);
    seen.current = { version: now.version, saved };
    if (dragged) setOvertaken(true);
    else setValue(saved);
  }, [now.version]);
  const changed = differs(saved);
  const path = (at: Thresholds) => `/routing/projection?${query({ ask_at: at.ask_at, dispatch_at: at.dispatch_at, days, scope: ofScope })}`;
  const draft = useProjection(path(value));
  const before = useProjection(changed ? path(saved) : null);
  const move = (next: Thresholds) => {
    setPrices(null);
    setValue(next);
  };
  const revert = () => {
    setOvertaken(false);
    move(saved);
  };
  const stored = (next: Routing) => {
    seen.current = { version: next.version, saved: inForce(next, scope) };
    setValue(seen.current.saved);
    setPrices(null);
    setOvertaken(false);
    routing.set(next);
  };
  return (
    <>
      {now.warnings.map((warning) => <Notice key={warning}>{warning}</Notice>)}
      {overtaken && changed && <Overtaken saved={saved} revert={revert} />}
      {now.shadow && <Notice>Shadow: p and its thresholds are only kept in the log; the secretary’s confidence decides.</Notice>}
      <Loaded from={distribution}>
        {(shown) => shown.n === 0
          ? <Empty>No turn was decided here in {plural(days, 'day')}, so there is nothing to project on. The thresholds can be set all the same.</Empty>
          : (
            <Picture says={<>{plural(shown.n, 'turn')} in {plural(days, 'day')} of {scope === 'global' ? 'everybody' : scopeText(scope)}, by p. Heights grow with the square root, so that rare turns show.{byRule(shown) > 0 && <> {plural(byRule(shown), 'turn was', 'turns were')} decided by a rule, whatever p was.</>}</>}
              caption="Turns by p" rows={shown.bins.filter((bin) => total(bin) > 0)}
              columns={[
                { title: 'p', cell: (bin) => `${probability(bin.from)} to ${probability(bin.to)}` },
                { title: 'Answered', figure: true, cell: (bin) => count(bin.answer) },
                { title: 'Asked', figure: true, cell: (bin) => count(bin.ask) },
                { title: 'Dispatched', figure: true, cell: (bin) => count(bin.dispatch) },
                { title: 'Known mistakes', figure: true, cell: (bin) => count(bin.mistakes) },
              ]}>
              <ThresholdChart bins={shown.bins} value={value} saved={saved} change={move} />
            </Picture>
          )}
      </Loaded>
      <Numbers value={value} change={move} />
      <Outlook draft={draft.shown} before={changed ? before.shown : null} fresh={draft.fresh} error={draft.error} days={days} />
      <SaveForm stored={stored} reload={routing.reload} now={now} scope={scope} value={value} prices={prices} changed={changed} revert={revert} />
      <ByPrices now={now.prices} apply={(next, at) => { setPrices(next); setValue(at); }} />
    </>
  );
}

function Numbers({ value, change }: { value: Thresholds; change: (next: Thresholds) => void }) {
  const input = (which: keyof Thresholds, label: string) => (
    <Field label={label}>
      <Decimal value={value[which]} step={0.01} sentence="A number from 0 to 1, such as 0.5." good={(typed) => typed >= 0 && typed <= 1} take={(typed) => {
        const next = bounded(value, which, typed);
        change(next);
        return next[which];
      }} />
    </Field>
  );
  return <div class="s-row">{input('ask_at', 'Ask from p =')}{input('dispatch_at', 'Dispatch from p =')}</div>;
}

interface OutlookProps { draft: Projection | null; before: Projection | null; fresh: boolean; error: string | null; days: number }

function Outlook({ draft, before, fresh, error, days }: OutlookProps) {
  if (error) return <Problem text={error} />;
  if (!draft) return <p class="s-note" role="status">Computing what it would have been…</p>;
  const part = (name: 'answer' | 'ask' | 'dispatch', label: string) => (
    <Fact label={label} value={share(draft[name])} change={before ? signed((draft[name] - before[name]) * 100, 1, ' points') : null} colour={name} />
  );
  return (
    <div class={fresh ? 's-outlook' : 's-outlook s-stale'} aria-label={`Projection on the last ${plural(days, 'day')}`} role="group" aria-busy={!fresh}>
      <div class="s-stack" aria-hidden="true">
        {(['answer', 'ask', 'dispatch'] as const).map((name) => <span key={name} class={`s-part s-part-${name}`} style={{ width: `${draft[name] * 100}%` }} />)}
      </div>
      <dl class="s-facts" data-projection={JSON.stringify(draft)}>
        {part('answer', 'Answered')}
        {part('ask', 'Asked first')}
        {part('dispatch', 'Dispatched')}
        <Fact label="Projected cost" value={money(draft.usd)} change={before && before.usd !== null && draft.usd !== null ? signed(draft.usd - before.usd, 2, ' $') : null} />
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
      <dd>{value}<span class="s-change">{change ?? '\u00a0'}</span></dd>
    </div>
  );
}

interface SaveProps {
  stored: (next: Routing) => void;
  reload: () => void;
  now: Routing;
  scope: string;
  value: Thresholds;
  prices: Prices | null;
  changed: boolean;
  revert: () => void;
}

function SaveForm({ stored, reload, now, scope, value, prices, changed, revert }: SaveProps) {
  const [reason, setReason] = useState('');
  const save = useAction();
  const own = now.overrides.find((override) => override.scope === scope);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (save.busy || !changed || !reason.trim()) return;
    const body = prices ? { scope, prices, reason: reason.trim(), version: now.version } : { scope, ...value, reason: reason.trim(), version: now.version };
    if (await save.run(async () => stored(await send<Routing>('PUT', '/routing', body)))) setReason('');
  };
  return (
    <form class="s-form" onSubmit={submit}>
      <Field label="Reason for the change" hint="It stands in the log of changes beside your name.">
        <input value={reason} maxLength={500} required onInput={(event) => setReason(event.currentTarget.value)} />
      </Field>
      <div class="s-row">
        <Press submit style="primary" least="operator" disabled={!changed || !reason.trim()} busy={save.busy}>Save for {scope === 'global' ? 'everybody' : scopeText(scope).toLowerCase().replace(/^(person|chat) .*/, 'this $1')}</Press>
        <Press disabled={!changed} onPress={revert}>Put back</Press>
        <p class="s-note" role="status">{changed ? `Not saved yet.${reason.trim() ? '' : ' Saving needs a reason.'}` : `In force: ask from ${probability(value.ask_at)} (${sourceText(own?.ask_at_from ?? now.ask_at_from)}), dispatch from ${probability(value.dispatch_at)} (${sourceText(own?.dispatch_at_from ?? now.dispatch_at_from)}).`}</p>
      </div>
      <RoleNote least="operator" />
      {save.error && <Problem text={save.error} again={save.status === 409 ? () => { save.clear(); reload(); } : undefined} label="Look at what is in force" />}
    </form>
  );
}

/** Somebody else saved while something was dragged here: says who and what, and takes their values on demand. */
function Overtaken({ saved, revert }: { saved: Thresholds; revert: () => void }) {
  const history = useResource<List<Change>>('/routing/history?limit=1', ['routing']);
  const last = history.data?.items[0];
  return (
    <Problem label="Take what is in force" again={revert} text={<>
      {last ? <>{last.by} changed {scopeText(last.scope)} at <Time at={last.at} />{last.reason ? <>: “{last.reason}”</> : null}.</> : 'Somebody changed the thresholds meanwhile.'}
      {' '}In force here: ask from {probability(saved.ask_at)}, dispatch from {probability(saved.dispatch_at)}. Yours are kept and not saved.
    </>} />
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
      <Decimal value={prices[name]} step={0.01} sentence="A number above 0, such as 0.3." good={(typed) => typed > 0} take={(typed) => {
        setPrices({ ...prices, [name]: typed });
        return typed;
      }} />
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
        <Press disabled={!at} onPress={() => at && apply(prices, at)}>Show on the chart</Press>
      </div>
      <p class="s-note" role="status">{at ? `These prices ask from ${probability(at.ask_at)} and dispatch from ${probability(at.dispatch_at)}.` : 'Each price must be above 0.'}</p>
    </details>
  );
}

const isSet = (change: Change | null): boolean => change !== null && (change.ask_at !== null || change.dispatch_at !== null || change.prices !== null);

function changeText(change: Change): string {
  if (!isSet(change)) return 'put back to what the configuration says';
  if (change.prices) return `by prices: ${settingText(change.prices)}`;
  return [change.ask_at !== null && `ask from ${probability(change.ask_at)}`, change.dispatch_at !== null && `dispatch from ${probability(change.dispatch_at)}`].filter(Boolean).join(', ');
}

export function History({ routing }: { routing: Resource<Routing> }) {
  const history = useResource<List<Change>>('/routing/history?limit=200', ['routing']);
  const undo = useAction();
  const version = routing.data?.version;
  useEffect(() => {
    if (version !== undefined && history.data) history.reload();
  }, [version]);
  const put = (change: Change, to: Change | null) => undo.run(async () => {
    const reason = `Undo of: ${change.reason || 'a change'}`.slice(0, 500);
    const values = to?.prices ? { prices: to.prices } : { ask_at: to?.ask_at ?? null, dispatch_at: to?.dispatch_at ?? null };
    const answer = isSet(to)
      ? await send<Routing>('PUT', '/routing', { scope: change.scope, ...values, reason, version })
      : await send<Routing>('DELETE', `/routing?${query({ scope: change.scope, version: version ?? null, reason })}`);
    routing.set(answer);
    history.reload();
  });
  return (
    <Card title="Changes">
      <About>Everything that was set here, newest first.</About>
      {undo.error && <Problem text={undo.error} again={() => { undo.clear(); routing.reload(); }} label="Load the new values" />}
      <Loaded from={history}>
        {({ items }) => items.length === 0 ? <Empty>Nothing was changed in the console yet.</Empty> : (
          <ol class="s-list">
            {items.map((change, index) => {
              const earlier = items.slice(index + 1).find((other) => other.scope === change.scope) ?? null;
              const latest = !items.slice(0, index).some((other) => other.scope === change.scope);
              return (
                <li key={change.version}>
                  <div>
                    <strong>{scopeText(change.scope)}</strong>{' '}
                    {changeText(change)}
                    {latest && <> <Tag kind="good">in force</Tag></>}
                    <p class="s-note">{change.reason ? `“${change.reason}” by ` : ''}{change.by}, <Time at={change.at} /></p>
                  </div>
                  {latest && (isSet(change) || isSet(earlier)) && <Press small least="operator" busy={undo.busy} label={`Undo the change of ${scopeText(change.scope)}`} onPress={() => void put(change, earlier)}>Undo</Press>}
                </li>
              );
            })}
          </ol>
        )}
      </Loaded>
    </Card>
  );
}
