// What every part of the page needs: elements, ids, dates, and what outlives a reload.

/** The element of that id, which the page's markup has. */
export const $ = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;

/** The descendant that the markup has. */
export const part = <T extends HTMLElement = HTMLElement>(node: ParentNode, selector: string) => node.querySelector(selector) as T;

/** Works without a secure context too, where crypto.randomUUID is missing. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';

/** Under which name somebody is signed in, and who they are in the chat. */
export const signedIn = () => meta('signed-in');
export const person = () => meta('person');

/** Whoever signs in next in this tab gets nothing of it. */
const kept = (key: string) => `frontdesk:${encodeURIComponent(person())}:${key}`;

export function recall<T>(key: string, fallback: T): T {
  try {
    return JSON.parse(sessionStorage.getItem(kept(key)) ?? 'null') ?? fallback;
  } catch {
    return fallback;
  }
}

/** An empty text is forgotten. */
export function remember(key: string, value: unknown): void {
  try {
    if (value === '') sessionStorage.removeItem(kept(key));
    else sessionStorage.setItem(kept(key), JSON.stringify(value));
  } catch { /* Storage is full or forbidden: the text is still on the page. */ }
}

/** What is remembered under keys that begin so: the rest of each key. */
export function remembered(prefix: string): string[] {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(kept(prefix))).map((key) => key.slice(kept(prefix).length));
  } catch {
    return [];
  }
}

let ahead = 0;

/** The clock of this machine may be wrong; what the page dates itself is dated by the server's. */
export function setServerTime(time: number): void {
  ahead = time - Date.now();
}

export const now = () => Date.now() + ahead;

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Partial<HTMLElementTagNameMap[K]> = {},
                                                     ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

export function makeButton(className: string, textContent: string, onClick: (event: MouseEvent) => void): HTMLButtonElement {
  const button = make('button', { type: 'button', className, textContent });
  button.addEventListener('click', onClick);
  return button;
}

/** A picture of one line, 20 by 20; those who cannot see it need a name beside it. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [name, value] of Object.entries({ viewBox: '0 0 20 20', width: '16', height: '16', 'aria-hidden': 'true' })) svg.setAttribute(name, value);
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

export const timeFormat = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
export const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

export function dayNumber(time: number): number {
  const date = new Date(time);
  return Math.round(new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime() / 86400000);
}

export function dayLabel(time: number): string {
  const ago = dayNumber(now()) - dayNumber(time);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  const year = new Date(time).getFullYear() === new Date(now()).getFullYear() ? undefined : 'numeric';
  return new Date(time).toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year });
}

export function shortDate(time: number): string {
  if (dayNumber(time) === dayNumber(now())) return timeFormat.format(time);
  return new Date(time).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
