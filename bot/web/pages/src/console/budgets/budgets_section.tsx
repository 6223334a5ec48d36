// What was spent, against what may be, and what sending everything to the specialist would have cost.
import { Legend, Picture, Plot } from '../charts/plot.js';
import { Bar, Choice, Empty, Field, Head, Meter, Tag } from '../controls.js';
import { count, money, share } from '../format.js';
import { Card, Loaded } from '../parts.js';
import { useResource } from '../resource.js';
import { useMemo, useState } from 'preact/hooks';

interface Limit {
  scope: string;
  kind: 'person' | 'chat' | 'project' | 'global';
  name: string;
  today: number;
  today_limit: number | null;
  month: number;
  month_limit: number | null;
}

interface Budgets { timezone: string; limits: Limit[]; most_of_a_kind: number; run_limit: number | null; stops_secretary: boolean }

interface Savings {
  days: { day: string; actual: number; all_strong: number; saved: number; turns: number; dispatched: number }[];
  total: { actual: number; all_strong: number; saved: number; turns: number; dispatched: number; unpriced_calls: number; unpriced_models: string[] };
  model: string | null;
  specialist_model: string | null;
}

const kinds = [
  { kind: 'person', title: 'By person', none: 'Nobody has spent anything this month.' },
  { kind: 'chat', title: 'By chat', none: 'No chat has spent anything this month.' },
  { kind: 'project', title: 'By project', none: 'No project has spent anything this month.' },
] as const;

export function BudgetsSection() {
  const budgets = useResource<Budgets>('/budgets', ['decision', 'dispatch']);
  return (
    <>
      <Head about="What was spent today and this month, and what it is held against." />
      <div class="panels">
        <Card wide title="Altogether">
          <Loaded from={budgets}>{(shown) => <Altogether of={shown} />}</Loaded>
        </Card>
        <SavingsPanel />
        {kinds.map(({ kind, title, none }) => (
          <Card key={kind} title={title} wide={kind === 'project'}>
            <Loaded from={budgets}>
              {({ limits, most_of_a_kind }) => {
                const rows = limits.filter((limit) => limit.kind === kind);
                return rows.length === 0 ? <Empty>{none}</Empty> : <><Bars rows={rows} />{rows.length >= most_of_a_kind && <p class="s-note">These are the {count(most_of_a_kind)} that cost most this month.</p>}</>;
              }}
            </Loaded>
          </Card>
        ))}
      </div>
    </>
  );
}

function Altogether({ of }: { of: Budgets }) {
  const all = of.limits.find((limit) => limit.kind === 'global');
  if (!all) return <Empty>Nothing was spent and no limit is set.</Empty>;
  return (
    <div class="s-tiles">
      <Tile label="Today" spent={all.today} limit={all.today_limit} />
      <Tile label="This month" spent={all.month} limit={all.month_limit} />
      <div class="s-tile">
        <span class="s-label">One run of the specialist</span>
        <strong class="s-big">{of.run_limit === null ? 'no limit' : `at most ${money(of.run_limit)}`}</strong>
        <p class="s-note">Days and months begin at midnight in {of.timezone}. {of.stops_secretary ? 'A spent budget stops answers, too.' : 'A spent budget stops the specialist only.'}</p>
      </div>
    </div>
  );
}

function Tile({ label, spent, limit }: { label: string; spent: number | null; limit: number | null }) {
  return (
    <div class="s-tile">
      <span class="s-label">{label}</span>
      <strong class="s-big">{money(spent)}</strong>
      <Spent what={label} spent={spent} limit={limit} words />
    </div>
  );
}

/** A bar where there is a limit; else it is said that there is none. */
function Spent({ what, spent, limit, words }: { what: string; spent: number | null; limit: number | null; words?: boolean }) {
  if (limit === null) return words ? <p class="s-note">No limit is set.</p> : null;
  const part = (spent ?? 0) / limit;
  const text = `${money(spent)} of ${money(limit)}${limit > 0 ? `, ${share(part)}` : ''}`;
  return (
    <>
      <Meter value={spent ?? 0} limit={limit} label={what} text={text} />
      {words && <p class="s-note">{text}{part >= 1 ? '. The limit is reached.' : ''}</p>}
    </>
  );
}

/** "user tg:1" to "tg:1": the heading says of what kind it is. */
const shortScope = (row: Limit): string => row.scope.slice(row.scope.indexOf(' ') + 1);

function Bars({ rows }: { rows: Limit[] }) {
  const most = Math.max(0.0001, ...rows.map((row) => row.month));
  return (
    <ul class="s-bars">
      {rows.map((row) => (
        <li key={row.scope}>
          <div class="s-bars-name"><span>{row.name || shortScope(row)}</span>{row.name && shortScope(row) !== row.name && <code>{shortScope(row)}</code>}</div>
          <Line label="Today" name={row.name || shortScope(row)} spent={row.today} limit={row.today_limit} most={most} />
          <Line label="Month" name={row.name || shortScope(row)} spent={row.month} limit={row.month_limit} most={most} />
        </li>
      ))}
    </ul>
  );
}

function Line({ label, name, spent, limit, most }: { label: string; name: string; spent: number | null; limit: number | null; most: number }) {
  const full = limit !== null && (spent ?? 0) >= limit;
  return (
    <div class="s-bar">
      <span class="s-bar-label">{label}</span>
      {limit === null
        ? <Bar share={(spent ?? 0) / most} />
        : <Spent what={`${name}, ${label}`} spent={spent} limit={limit} />}
      <span class="s-bar-sum">{money(spent)}{limit === null ? '' : ` of ${money(limit)}`}{full && <> <Tag kind="bad">spent</Tag></>}</span>
    </div>
  );
}

function SavingsPanel() {
  const [days, setDays] = useState<7 | 30 | 90>(30);
  const savings = useResource<Savings>(`/savings?days=${days}`);
  const tools = (
    <Field label="Looking back">
      <Choice value={days} of={[7, 30, 90] as const} text={(n) => `${n} days`} choose={setDays} />
    </Field>
  );
  return (
    <Card wide title="What the secretary saves" aside={tools}>
      <Loaded from={savings}>{(shown) => <Curve of={shown} />}</Loaded>
    </Card>
  );
}

/** A day as a chart wants it: seconds since 1970. */
const noon = (day: string): number => new Date(`${day}T12:00:00Z`).getTime() / 1000;

function Curve({ of }: { of: Savings }) {
  const sums = useMemo(() => {
    let [actual, strong] = [0, 0];
    const start = new Date(noon(of.days[0]?.day ?? '1970-01-01') * 1000 - 86400000).toISOString().slice(0, 10);
    // From nothing on the day before, so that a single day is a line, too.
    return [{ day: start, actual, strong }, ...of.days.map((day) => ({ day: day.day, actual: (actual += day.actual), strong: (strong += day.all_strong) }))];
  }, [of]);
  const total = of.total;
  if (total.turns === 0) return <Empty>Nothing was answered in these days, so nothing was saved.</Empty>;
  const strongModel = of.specialist_model ?? 'the specialist’s model';
  return (
    <Picture caption="Savings by day" rows={of.days}
      columns={[
        { title: 'Day', cell: (day) => day.day },
        { title: 'Turns', figure: true, cell: (day) => count(day.turns) },
        { title: 'Dispatched', figure: true, cell: (day) => count(day.dispatched) },
        { title: 'Spent', figure: true, cell: (day) => money(day.actual) },
        { title: 'All to the strong model', figure: true, cell: (day) => money(day.all_strong) },
        { title: 'Saved', figure: true, cell: (day) => money(day.saved) },
      ]}
      says={<><strong>{money(total.saved)} saved</strong>: {count(total.turns)} turns cost {money(total.actual)}; had {strongModel} answered all of them, {money(total.all_strong)}. An estimate for the {count(total.turns - total.dispatched)} turns that were not dispatched.{total.unpriced_calls > 0 && <> The price of {count(total.unpriced_calls)} calls is not known ({total.unpriced_models.join(', ')}), so they count as nothing.</>}</>}>
      <Legend items={[{ label: 'all to the strong model', colour: 'soft', dash: true }, { label: 'spent', colour: 'accent' }]} />
      <Plot label="Cost summed up over the days: spent, and all to the strong model" days x={sums.map((sum) => noon(sum.day))}
        height={240} yText={(v) => money(v).replace(/\.00$/, '')} yRange={[0, Math.max(0.01, ...sums.map((sum) => Math.max(sum.actual, sum.strong) * 1.08))]}
        lines={[
          { label: 'All strong', colour: 'soft', dash: true, values: sums.map((sum) => sum.strong) },
          { label: 'Spent', colour: 'accent', fill: true, values: sums.map((sum) => sum.actual) },
        ]} />
    </Picture>
  );
}
