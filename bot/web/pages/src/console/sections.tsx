// The console's sections, in the order of the navigation. A section is one row here and a folder or file of its own.

import type { ComponentType } from 'preact';
import type { Overview } from './overview.js';
import { LogSection } from './log/log_section.js';
import { ReviewSection } from './review/review_section.js';

export interface Section {
  /** First part of the address: "/admin/log". */
  id: string;
  label: string;
  /** Of an icon in a field of 20 by 20. */
  icon: string;
  view: ComponentType;
  /** What waits there for a person; 0 and undefined show nothing. */
  waiting?: (overview: Overview) => number | undefined;
}

export const sections: Section[] = [
  { id: 'log', label: 'Log', icon: 'M4 5h12M4 10h12M4 15h8', view: LogSection },
  { id: 'review', label: 'Review', icon: 'M4 10l4 4 8-8', view: ReviewSection, waiting: (state) => state.review },
];
