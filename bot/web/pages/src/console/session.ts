// Who is signed in. The server decides what a role may; the page only leaves out what it would refuse.

import { signal } from '@preact/signals';
import { get, send } from './api.js';

export type Role = 'viewer' | 'operator' | 'admin';

export interface Me {
  name: string;
  role: Role;
  chat: boolean;
  version: string;
  demo: boolean;
}

const kOrder: Role[] = ['viewer', 'operator', 'admin'];

export const me = signal<Me | null>(null);

export async function loadMe(): Promise<void> {
  me.value = await get<Me>('/me');
}

export function may(least: Role): boolean {
  return me.value !== null && kOrder.indexOf(me.value.role) >= kOrder.indexOf(least);
}

export async function signOut(): Promise<void> {
  await send('POST', '/logout');
  location.href = '/admin';
}
