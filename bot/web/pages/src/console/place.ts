// Where the reader is: "/admin/log/17?person=web:local". All of a view stands in the address, so that it can be sent as a link.

import { signal } from '@preact/signals';

export interface Place {
  section: string;
  rest: string[];
  query: URLSearchParams;
}

const kRoot = '/admin';

export const place = signal<Place>(here());

function here(): Place {
  const [section = '', ...rest] = location.pathname.slice(kRoot.length).split('/').filter(Boolean).map(decoded);
  return { section: section || 'log', rest, query: new URLSearchParams(location.search) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {  // a broken link
    return text;
  }
}

/** "/admin/log/17?…" for a link; empty parameters are left out. */
export function address(section: string, rest: (string | number)[] = [], query?: URLSearchParams | Record<string, string>): string {
  const parameters = new URLSearchParams([...new URLSearchParams(query)].filter(([, value]) => value !== ''));
  // Colons stand in every chat and person; they need no escape here.
  const text = parameters.toString().replaceAll('%3A', ':');
  return `${[kRoot, section, ...rest.map(String)].map((part, index) => (index ? encodeURIComponent(part) : part)).join('/')}${text ? `?${text}` : ''}`;
}

export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  if (to === location.pathname + location.search) return;
  if (how === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  place.value = here();
}

/** A plain click on a link within the console changes the place; any other is the browser's. */
function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest?.('a');
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin || link.hash) return;
  if (link.pathname !== kRoot && !link.pathname.startsWith(`${kRoot}/`)) return;
  event.preventDefault();
  const section = place.value.section + place.value.rest.join();
  go(link.pathname + link.search);
  if (place.value.section + place.value.rest.join() !== section) scrollTo({ top: 0 });
}

document.addEventListener('click', follow);
addEventListener('popstate', () => { place.value = here(); });
