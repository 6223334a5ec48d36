import { Tabs } from '../parts.js';
import { address, place } from '../place.js';
import { LogPage } from './log_page.js';

const kViews = [
  { id: '', label: 'Decisions', view: LogPage },
];

export function LogSection() {
  const [which = ''] = place.value.rest;
  const view = kViews.find((candidate) => candidate.id === which) ?? kViews[0]!;
  const items = kViews.map(({ id, label }) => ({ id, label, href: address('log', id ? [id] : []) }));
  return <>
    <Tabs label="Views of the log" items={items} current={view.id} />
    <view.view />
  </>;
}
