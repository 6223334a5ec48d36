// The screens that the shell puts into its navigation.

import type { ComponentType } from 'preact';
import { BudgetsScreen } from './budgets';
import { HealthScreen } from './health';
import { OperationsScreen } from './operations';
import { PeopleScreen } from './people';
import { RoutingScreen } from './routing';

export interface ScreenEntry { path: string; title: string; component: ComponentType }

export const screens: ScreenEntry[] = [
  { path: 'operations', title: 'Operations', component: OperationsScreen },
  { path: 'routing', title: 'Routing', component: RoutingScreen },
  { path: 'budgets', title: 'Budgets', component: BudgetsScreen },
  { path: 'people', title: 'People', component: PeopleScreen },
  { path: 'health', title: 'Health', component: HealthScreen },
];
