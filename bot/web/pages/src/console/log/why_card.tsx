// Why it was decided so: p, the thresholds, each signal's part, the rule, what the secretary proposed.

import { probability, probabilityOf, words } from '../format.js';
import { Card } from '../parts.js';
import { Known } from './decision_page.js';
import { Values } from '../values.js';
import { Parts, ScoreBar } from './score.js';
import type { Detail } from './types.js';

const kDid: Record<string, string> = { answer: 'The secretary answers', ask: 'The person is asked first', dispatch: 'The specialist gets it' };

export function WhyCard({ detail }: { detail: Detail }) {
  const { score } = detail;
  return <Card title="Why" aside={<Known of={detail} name="signals" />}>
    <p class="verdict-line"><strong>{kDid[detail.action] ?? words(detail.action)}</strong> {because(detail)}</p>
    <ScoreBar p={detail.p} ask={detail.ask_at} dispatch={detail.dispatch_at} />
    <dl class="facts">
      <dt>Asks from</dt><dd>{probability(detail.ask_at)} <span class="soft">from {detail.ask_at_from ?? 'an unknown place'}</span></dd>
      <dt>Dispatches from</dt><dd>{probability(detail.dispatch_at)} <span class="soft">from {detail.dispatch_at_from ?? 'an unknown place'}</span></dd>
      {score?.calibration && <><dt>Calibration</dt><dd>{score.calibration}</dd></>}
      {detail.reason && <><dt>Reason</dt><dd>{detail.reason}</dd></>}
    </dl>
    {score && score.features.length > 0 && <Parts features={score.features} />}
    <Proposal detail={detail} />
  </Card>;
}

function because(detail: Detail): string {
  if (detail.rule) return `by the rule ${detail.rule}, whatever p is.`;
  if (detail.cause === 'shadow') return 'by the confidence of the secretary: p is only recorded (routing.shadow).';
  if (detail.p === null) return '';
  if (detail.action === 'answer' && !detail.proposal && detail.p >= detail.ask_at) return `because the secretary proposed no dispatch, although p = ${probabilityOf(detail)}.`;
  if (detail.p < detail.ask_at) return `because p = ${probabilityOf(detail)} is below both thresholds.`;
  return detail.p < detail.dispatch_at ? `because p = ${probabilityOf(detail)} is between the thresholds.` : `because p = ${probabilityOf(detail)} reaches the upper threshold.`;
}

function Proposal({ detail }: { detail: Detail }) {
  if (!detail.proposal) return <p class="soft">No dispatch was proposed.</p>;
  const { prompt, ...rest } = detail.proposal;
  const own = detail.proposed_by === 'person';
  return <>
    <h3>{own ? 'What the person ordered' : 'What the secretary proposed'}</h3>
    <dl class="facts">{Object.entries(rest).filter(([, value]) => value !== null && value !== '').map(([name, value]) => <>
      <dt>{words(name)}</dt><dd><Values value={value} /></dd>
    </>)}</dl>
    {typeof prompt === 'string' && (prompt === detail.task ? <p class="soft">{own ? 'The task is in their own words; no secretary was asked.' : 'The task is what it proposed, word for word.'}</p> : <pre class="prose">{prompt}</pre>)}
  </>;
}
