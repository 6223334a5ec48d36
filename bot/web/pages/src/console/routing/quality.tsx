// How good p is, by what people said of it: four pictures, each with what it means and on how many labels it rests.
import { count, plural, probability, share } from '../format.js';
import { Card, Loaded } from '../parts.js';
import { About, Empty } from '../controls.js';
import { Picture, Plot } from '../charts/plot.js';
import { useResource } from '../resource.js';
import type { Figures } from './types.js';
import type { ComponentChildren } from 'preact';

export function Quality({ days }: { days: number }) {
  const figures = useResource<Figures>(`/routing/figures?days=${days}`, ['review']);
  return (
    <Card wide title="How good p is">
      <About>Labels are what is known of past turns: verdicts of the review queue, thumbs, refused questions, cancelled runs.</About>
      <Loaded from={figures}>
        {(shown) => (
          <div class="s-quality">
            <Reliability of={shown} />
            <Roc of={shown} />
            <Learning of={shown} />
            <Drift of={shown} days={days} />
          </div>
        )}
      </Loaded>
    </Card>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return <div class="s-quality-part"><h3>{title}</h3>{children}</div>;
}

function TooFew({ of, what }: { of: Figures; what: string }) {
  const missing = of.needed_for_figures - of.n_labelled;
  return (
    <Empty>
      {of.n_labelled === 0 ? 'There are no labels yet. ' : `${plural(of.n_labelled, 'label')}: too few for ${what}. `}
      {missing > 0 ? `About ${plural(missing, 'more verdict')} from the review queue will do.` : 'It takes more turns of both kinds: such that needed the specialist, and such that did not.'}
    </Empty>
  );
}

function Reliability({ of }: { of: Figures }) {
  if (!of.reliability || of.reliability.length < 2) return <Part title="Does p mean what it says?"><TooFew of={of} what="a reliability diagram" /></Part>;
  const points = [...of.reliability].sort((a, b) => a.p_mean - b.p_mean);
  const x = [0, ...points.map((point) => point.p_mean), 1];
  return (
    <Part title="Does p mean what it says?">
      <Picture caption="Reliability" rows={points}
        columns={[
          { title: 'Mean p', cell: (point) => probability(point.p_mean) },
          { title: 'Needed the specialist', figure: true, cell: (point) => share(point.share) },
          { title: 'Turns', figure: true, cell: (point) => count(point.n) },
        ]}
        says={<>Dots on the dashed line are honest: of the turns with p = 0.8, 80 % needed the specialist. Off by {share(of.ece)} on average (ECE), on {plural(of.n_labelled, 'label')}.</>}>
        <Plot label="Reliability diagram" x={x} xRange={[0, 1]} yRange={[0, 1]} xTitle="p" yTitle="needed it" xText={(v) => v.toFixed(1)} yText={(v) => share(v)}
          lines={[
            { label: 'Honest', colour: 'soft', dash: true, values: x },
            { label: 'Seen', colour: 'accent', dots: true, values: [null, ...points.map((point) => point.share), null] },
          ]} />
      </Picture>
    </Part>
  );
}

function Roc({ of }: { of: Figures }) {
  if (!of.roc || of.roc.length < 2 || of.auroc === null) return <Part title="Does p tell the two kinds apart?"><TooFew of={of} what="a ROC curve" /></Part>;
  const points = [...of.roc].sort((a, b) => a.fpr - b.fpr || a.tpr - b.tpr);
  const x = points.map((point) => point.fpr);
  return (
    <Part title="Does p tell the two kinds apart?">
      <Picture caption="ROC" rows={points}
        columns={[
          { title: 'From p', cell: (point) => probability(point.threshold) },
          { title: 'Needless dispatches', figure: true, cell: (point) => share(point.fpr) },
          { title: 'Needed ones caught', figure: true, cell: (point) => share(point.tpr) },
        ]}
        says={<>The nearer to the upper left, the better. Of a turn that needs the specialist and one that does not, the first has the higher p in {share(of.auroc)} of cases (AUROC), on {plural(of.n_labelled, 'label')}.</>}>
        <Plot label="ROC curve" x={x} xRange={[0, 1]} yRange={[0, 1]} xTitle="needless" yTitle="caught" xText={(v) => share(v)} yText={(v) => share(v)}
          lines={[{ label: 'p', colour: 'accent', fill: true, values: points.map((point) => point.tpr) }, { label: 'Chance', colour: 'soft', dash: true, values: x }]} />
      </Picture>
    </Part>
  );
}

function Learning({ of }: { of: Figures }) {
  if (!of.learning || of.learning.length < 2) return <Part title="Do more verdicts help?"><TooFew of={of} what="a learning curve" /></Part>;
  const points = [...of.learning].sort((a, b) => a.n - b.n);
  const [first, last] = [points[0]!, points.at(-1)!];
  const better = last.ece < first.ece;
  return (
    <Part title="Do more verdicts help?">
      <Picture caption="Learning curve" rows={points}
        columns={[
          { title: 'Labels', figure: true, cell: (point) => count(point.n) },
          { title: 'Off by (ECE)', figure: true, cell: (point) => share(point.ece) },
          { title: 'Log loss', figure: true, cell: (point) => point.loss.toFixed(3) },
        ]}
        says={<>{first.n === 0 ? 'Without a calibration' : `Calibrated on ${count(first.n)} labels`} p is off by {share(first.ece)}, on {count(last.n)} by {share(last.ece)}. {better ? 'More verdicts have paid so far.' : 'More verdicts have not paid so far.'}</>}>
        <Plot label="Learning curve" x={points.map((point) => point.n)} xTitle="labels" yTitle="off by" xText={count} yText={(v) => share(v)}
          yRange={[0, Math.max(0.02, ...points.map((point) => point.ece * 1.15))]}
          lines={[{ label: 'ECE', colour: 'accent', values: points.map((point) => point.ece), fill: true }]} />
      </Picture>
    </Part>
  );
}

// Above this, the population stability index is commonly read as a real change.
const kDrifted = 0.2;

function Drift({ of, days }: { of: Figures; days: number }) {
  const points = of.drift.filter((point) => point.psi !== null);
  const turns = of.drift.reduce((sum, point) => sum + point.n, 0);
  if (points.length < 2) return <Part title="Are the messages still the same?"><Empty>{plural(turns, 'turn')} in {plural(days, 'day')}: drift shows once a hundred turns came before a day with twenty.</Empty></Part>;
  const last = points.at(-1)!;
  const top = Math.max(0.3, ...points.map((point) => (point.psi ?? 0) * 1.15));
  const x = points.map((point) => new Date(`${point.day}T12:00:00Z`).getTime() / 1000);
  return (
    <Part title="Are the messages still the same?">
      <Picture caption="Drift" rows={of.drift}
        columns={[
          { title: 'Day', cell: (point) => point.day },
          { title: 'Turns', figure: true, cell: (point) => count(point.n) },
          { title: 'Mean p', figure: true, cell: (point) => probability(point.p_mean) },
          { title: 'Drift (PSI)', figure: true, cell: (point) => probability(point.psi) },
        ]}
        says={<>How far each day’s p is from the usual (PSI); above the dashed line at {kDrifted} the messages have changed. {last.psi! > kDrifted
          ? <strong>The last day is at {probability(last.psi)}: look at the review queue.</strong> : <>The last day is at {probability(last.psi)}.</>} No labels needed: {plural(turns, 'turn')}.</>}>
        <Plot label="Drift by day" days x={x} yRange={[0, top]} yText={(v) => v.toFixed(1)}
          lines={[{ label: 'PSI', colour: 'accent', values: points.map((point) => point.psi) }, { label: 'Changed', colour: 'bad', dash: true, values: x.map(() => kDrifted) }]} />
      </Picture>
    </Part>
  );
}
