// What is on show: one chat at a time, and the elements of the page that show it.

import { $ } from '../shared/dom.js';
import type { View } from './types.js';

export const scroller = $('scroller');
export const log = $('log');
export const input = $<HTMLTextAreaElement>('message');

/** The chat on show. Replaced as a whole on a switch, so that late answers for another chat are recognised and dropped. */
export let view = newView('main');

function newView(chat: string): View {
  return { chat, messages: new Map(), more: false, loadingOlder: false, refreshing: 0, held: [], following: true, loaded: false, written: new Map(), unsent: 0 };
}

export function showView(chat: string): void {
  view = newView(chat);
}
