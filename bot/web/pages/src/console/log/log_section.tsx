// "/admin/log": the decisions, one of them, and what else there is to ask of the log.

import { Tabs } from '../parts.js';
import { address, place } from '../place.js';
import { DecisionPage } from './decision_page.js';
import { LogPage } from './log_page.js';
import { ApprovalsView, ChainView, ChangesView, SearchView, TotalsView } from './views.js';

const kViews = [
  { id: '', label: 'Decisions', view: LogPage },
  { id: 'totals', label: 'Totals', view: TotalsView },
  { id: 'search', label: 'Search', view: SearchView },
  { id: 'approvals', label: 'Approvals', view: ApprovalsView },
  { id: 'changes', label: 'Changes', view: ChangesView },
  { id: 'chain', label: 'Chain', view: ChainView },
];

/** What each view was asked last: its tab leads back to that. */
const asked = new Map<string, URLSearchParams>();

export function LogSection() {
  const { rest: [which = ''], query } = place.value;
  const view = kViews.find((candidate) => candidate.id === which);
  if (view) asked.set(view.id, query);
  if (!view) return <DecisionPage key={which} id={which} />;
  const items = kViews.map(({ id, label }) => ({ id, label, href: address('log', id ? [id] : [], asked.get(id)) }));
  return <>
    <Tabs label="Views of the log" items={items} current={view.id} />
    <view.view />
  </>;
}
