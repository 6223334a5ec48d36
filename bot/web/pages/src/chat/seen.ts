// Up to which message each chat was looked at in this browser: what came later, while no page was open or the connection was lost, is news.

import { person } from '../shared/dom.js';
import type { Chat } from './types.js';

type Seen = Record<string, number>;

const kKey = `frontdesk:${encodeURIComponent(person())}:seen`;

function read(): Seen | null {
  try {
    return JSON.parse(localStorage.getItem(kKey) ?? 'null');
  } catch {
    return null;
  }
}

function write(seen: Seen): void {
  try {
    localStorage.setItem(kKey, JSON.stringify(seen));
  } catch { /* Storage is full or forbidden: then only what comes while the page is open is news. */ }
}

/** The reader looks at that chat, whose newest message it is. */
export function noteSeen(chat: string, newest: number): void {
  const seen = read();
  if (document.hidden || !seen || (seen[chat] ?? 0) >= newest) return;
  write({ ...seen, [chat]: newest });
}

/** The chats in which something came that was not looked at. A browser that has seen none of them takes all as seen. */
export function unseenChats(chats: Chat[], open: string): string[] {
  const seen = read();
  const known = chats.map(({ id, said_last: last }) => [id, seen ? seen[id] ?? 0 : last ?? 0] as const);
  write(Object.fromEntries(known));  // without those that are gone
  const from = new Map(known);
  return chats.filter(({ id, said_last: last }) => id !== open && (last ?? 0) > from.get(id)!).map(({ id }) => id);
}
