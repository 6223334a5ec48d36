// Where the reader is: "#/log/17?person=web:local". All of a view stands in the address, so that it can be sent as a link.

import { signal } from '@preact/signals';

export interface Place {
  section: string;
  rest: string[];
  query: URLSearchParams;
}

export const place = signal<Place>(parse(location.hash));

function parse(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [section = '', ...rest] = path.split('/').filter(Boolean).map(decoded);
  return { section: section || 'log', rest, query: new URLSearchParams(query) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {  // a broken link
    return text;
  }
}

/** "#/log/17?…" for a link; empty parameters are left out. */
export function address(section: string, rest: (string | number)[] = [], query?: URLSearchParams | Record<string, string>): string {
  const parameters = new URLSearchParams([...new URLSearchParams(query)].filter(([, value]) => value !== ''));
  // Colons stand in every chat and person; they need no escape here.
  const text = parameters.toString().replaceAll('%3A', ':');
  return `#/${[section, ...rest].map((part) => encodeURIComponent(part)).join('/')}${text ? `?${text}` : ''}`;
}

export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  if (to === location.hash) return;
  if (how === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  place.value = parse(location.hash);
}

addEventListener('hashchange', () => { place.value = parse(location.hash); });
addEventListener('popstate', () => { place.value = parse(location.hash); });
