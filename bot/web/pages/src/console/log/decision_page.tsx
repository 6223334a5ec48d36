// Everything about one decision: "/admin/log/17".

import { useEffect, useRef } from 'preact/hooks';
import { duration, fullTime } from '../format.js';
import { Badge, Card, Loaded, Money, Rendered, Table, Time } from '../parts.js';
import { address, place } from '../place.js';
import { useResource } from '../resource.js';
import { DecisionActions } from './decision_actions.js';
import { filtersOf } from './filters.js';
import { DispatchCard } from './dispatch_card.js';
import { rememberOpened } from './log_page.js';
import { decisionAddress } from './log_table.js';
import { Timeline } from './timeline.js';
import type { Detail } from './types.js';
import { Verdicts } from './verdicts.js';
import { WhyCard } from './why_card.js';

export function DecisionPage({ id }: { id: string }) {
  const { query } = place.value;
  const shown = useRef<Detail | undefined>(undefined);
  const resource = useResource<Detail>(`/decisions/${encodeURIComponent(id)}`, ['decision', 'dispatch', 'delivery', 'review', 'inbox'],
    (event) => event.id === undefined || [String(shown.current?.id), shown.current?.dispatch, id].includes(String(event.id)));
  shown.current = resource.data;
  useEffect(() => rememberOpened(id), [id]);
  return <>
    <p class="back"><a href={address('log', [], filtersOf(query))}>← Back to the log</a></p>
    <Loaded from={resource}>{(detail) => <Everything detail={detail} reload={resource.reload} />}</Loaded>
  </>;
}

function Everything({ detail, reload }: { detail: Detail; reload: () => void }) {
  return <article class="decision" aria-label={`Decision ${detail.id}`}>
    <Head detail={detail} />
    <DecisionActions detail={detail} onChange={reload} />
    <div class="columns">
      <div>
        <Card title="Message" aside={<Known of={detail} name="message" />}><pre class="prose">{detail.message || 'The text is not kept any more.'}</pre></Card>
        <WhyCard detail={detail} />
        {detail.task && <Card title="Task as given" aside={<Known of={detail} name="task" />}><pre class="prose">{detail.task}</pre></Card>}
      </div>
      <div>
        <ResultCard detail={detail} />
        {detail.dispatch_detail && <DispatchCard decision={detail.id} dispatch={detail.dispatch_detail} known={detail.known} />}
        {detail.approvals.length > 0 && <ApprovalsCard detail={detail} />}
        {(detail.tools ?? []).length > 0 && <ToolsCard detail={detail} />}
        <Card title="Verdicts"><Verdicts detail={detail} onChange={reload} /></Card>
      </div>
    </div>
    <Card title="Timeline" aside={<Known of={detail} name="timeline" />} wide><Timeline steps={detail.timeline} begin={detail.at} /></Card>
    <div class="columns">
      <DeliveriesCard detail={detail} />
      <CostCard detail={detail} />
    </div>
    <Legend detail={detail} />
  </article>;
}

function Head({ detail }: { detail: Detail }) {
  return <header class="decision-head">
    <h2>Decision {detail.id}</h2>
    <Badge of={detail.outcome} />
    {detail.outcome_cause && <span class="soft">{detail.outcome_cause}</span>}
    <p class="soft">
      <time dateTime={detail.at}>{fullTime(detail.at)}</time> · {detail.name || detail.person} <span class="mono">{detail.person}</span> in {detail.chat_name ?? ''} <span class="mono">{detail.chat}</span> · <Money usd={detail.usd} />
    </p>
    {detail.confirmed_by && <p class="soft">{detail.confirmed_by.name || detail.confirmed_by.person} said yes to <a href={decisionAddress(detail.confirmed_by.decision)}>decision {detail.confirmed_by.decision}</a> at <Time at={detail.confirmed_by.at} />.</p>}
  </header>;
}

function ResultCard({ detail }: { detail: Detail }) {
  const html = detail.posted_html || detail.result_html;
  return <Card title="Result as posted" aside={<Known of={detail} name="result" />}>
    {html ? <Rendered html={html} /> : <p class="soft">Nothing was posted yet.</p>}
    {detail.result && detail.posted && detail.result !== detail.posted && <details><summary>The specialist's whole result</summary><Rendered html={detail.result_html} /></details>}
  </Card>;
}

function ApprovalsCard({ detail }: { detail: Detail }) {
  return <Card title="Approvals"><ul class="given">{detail.approvals.map((approval) => <li>
    <Badge of={approval.state} /> <span class="mono">{approval.tool}</span> <span class="soft">asked <Time at={approval.at} />{approval.by ? `, ${approval.by} pressed it` : ''} {approval.settled_at && <Time at={approval.settled_at} />}</span>
    {approval.allowed_instead && <><p>Changed before it was allowed. This ran:</p><pre class="detail">{approval.allowed_instead}</pre><p>This was asked for, and did not run:</p></>}
    <Rendered html={approval.detail_html} />
    {approval.comment && !approval.allowed_instead && <p>{approval.comment}</p>}
  </li>)}</ul></Card>;
}

const kStates: Record<string, string> = { done: 'done, as the tool says', uncertain: 'nobody knows whether it was done', expired: 'not answered in time', open: 'waits for an answer', replaced: 'replaced by another version' };

function ToolsCard({ detail }: { detail: Detail }) {
  return <Card title="Tools" aside={<Known of={detail} name="tools" />}><ul class="given">{detail.tools!.map((call) => <li>
    <Badge of={call.state} label={kStates[call.state]} /> <span class="mono">{call.server}/{call.tool}</span>{' '}
    <span class="soft">{call.asked ? 'asked' : 'allowed'} <Time at={call.made} />{call.by ? `, ${call.by} pressed it` : ''}{call.ms !== null && `, ${duration(call.ms / 1000)}`}</span>
    <pre class="detail">{call.arguments}</pre>
    {call.result && <pre class="detail">{call.result}</pre>}
    {call.comment && <p>{call.comment}</p>}
  </li>)}</ul></Card>;
}

function DeliveriesCard({ detail }: { detail: Detail }) {
  return <Card title="Deliveries" aside={<Known of={detail} name="deliveries" />}>
    {detail.deliveries.length === 0 ? <p class="soft">None.</p> : <Table label="Deliveries" items={detail.deliveries} rowKey={(call) => `${call.id}${call.kind}${call.at}`} columns={[
      { title: 'When', cell: (call) => <Time at={call.at} /> },
      { title: 'Kind', cell: (call) => call.kind },
      { title: 'State', cell: (call) => <><Badge of={call.state} /> {call.error && <span class="soft">{call.error}</span>}</> },
      { title: 'Id', cell: (call) => <span class="mono">{call.id}</span> },
    ]} />}
  </Card>;
}

function CostCard({ detail }: { detail: Detail }) {
  return <Card title="Cost" aside={<Known of={detail} name="cost" />}>
    {detail.cost.length === 0 ? <p class="soft">Nothing is booked.</p> : <Table label="Cost" items={detail.cost} rowKey={(cost) => `${cost.purpose}${cost.model}`} columns={[
      { title: 'Purpose', cell: (cost) => cost.purpose },
      { title: 'Model', cell: (cost) => <span class="mono">{cost.model}</span> },
      { title: 'In', figure: true, cell: (cost) => cost.input_tokens.toLocaleString() },
      { title: 'Cached', figure: true, cell: (cost) => cost.cached_tokens.toLocaleString() },
      { title: 'Out', figure: true, cell: (cost) => cost.output_tokens.toLocaleString() },
      { title: 'Cost', figure: true, cell: (cost) => <Money usd={cost.usd} /> },
    ]} />}
  </Card>;
}

/** How far a part can be relied upon; what was recorded as it happened has no mark. */
export function Known({ of, name }: { of: { known?: Detail['known'] }; name: string }) {
  const is = (list?: string[]) => list?.some((member) => member === name || member.startsWith(`${name}.`)) ?? false;
  if (is(of.known?.unknown)) return <span class="known" data-kind="unknown">not recorded</span>;
  return is(of.known?.inferred) ? <span class="known" data-kind="inferred">inferred</span> : null;
}

function Legend({ detail }: { detail: Detail }) {
  const list = (names: string[]) => names.join(', ').replaceAll('_', ' ').replaceAll('.', ': ');
  const { recorded = [], inferred = [], unknown = [] } = detail.known ?? {};
  return <Card title="How this is known" wide><dl class="facts">
    <dt>Recorded as it happened</dt><dd>{list(recorded) || '–'}</dd>
    <dt>Inferred afterwards</dt><dd>{list(inferred) || '–'}</dd>
    <dt>Unknown</dt><dd>{list(unknown) || '–'}</dd>
  </dl></Card>;
}
