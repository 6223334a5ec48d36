// The console's sections, in the order of the navigation. A section is one row here and a folder or file of its own.

import type { ComponentType } from 'preact';
import { type Overview, inboxCount, reviewsWaiting } from './overview.js';
import { AccountSection } from './account/account_section.js';
import { BudgetsSection } from './budgets/budgets_section.js';
import { HealthSection } from './health/health_section.js';
import { LogSection } from './log/log_section.js';
import { OperationsSection } from './operations/operations_section.js';
import { PeopleSection } from './people/people_section.js';
import { ReviewSection } from './review/review_section.js';
import { RoutingSection } from './routing/routing_section.js';

export interface Section {
  /** First part of the address: "/admin/log". */
  id: string;
  label: string;
  /** Of an icon in a field of 20 by 20; without one it does not stand in the navigation. */
  icon?: string;
  view: ComponentType;
  /** What waits there for a person; 0 and undefined show nothing. */
  waiting?: (overview: Overview) => number | undefined;
}

export const sections: Section[] = [
  { id: 'log', label: 'Log', icon: 'M4 5h12M4 10h12M4 15h8', view: LogSection },
  { id: 'review', label: 'Review', icon: 'M4 10l4 4 8-8', view: ReviewSection, waiting: () => reviewsWaiting.value },
  { id: 'operations', label: 'Operations', icon: 'M3 11h3l2-6 4 11 2-5h3', view: OperationsSection, waiting: inboxCount },
  { id: 'routing', label: 'Routing', icon: 'M4 10h5M9 10l4-5h3M9 10l4 5h3', view: RoutingSection },
  { id: 'budgets', label: 'Budgets', icon: 'M4 16V9M10 16V4M16 16v-5', view: BudgetsSection },
  { id: 'people', label: 'People', icon: 'M10 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c0-3 3-5 6-5s6 2 6 5', view: PeopleSection },
  { id: 'health', label: 'Health', icon: 'M10 16S3 12 3 7.5A3.5 3.5 0 0 1 10 6a3.5 3.5 0 0 1 7 1.5C17 12 10 16 10 16z', view: HealthSection },
  { id: 'account', label: 'Your sessions', view: AccountSection },
];
