// How figures, times and names are written. Unknown is a dash, never a zero.

export const kUnknown = '–';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const all = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** RFC 3339 to "14:03" today, "27 Nov, 14:03" else. */
export function shortTime(at: string | null | undefined): string {
  const date = at ? new Date(at) : null;
  if (!date || Number.isNaN(date.getTime())) return kUnknown;
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : dayAndClock.format(date);
}

export function fullTime(at: string | null | undefined): string {
  const date = at ? new Date(at) : null;
  return !date || Number.isNaN(date.getTime()) ? '' : all.format(date);
}

/** "3 min" for what began then. */
export function since(at: string | null | undefined): string {
  const date = at ? new Date(at) : null;
  return !date || Number.isNaN(date.getTime()) ? kUnknown : duration((Date.now() - date.getTime()) / 1000);
}

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return kUnknown;
  const s = Math.max(0, seconds);
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 90 * 60) return `${Math.round(s / 60)} min`;
  if (s < 36 * 3600) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}

/** Dollars: cents for what is at least a cent, else as many digits as there is something to see. */
export function money(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return kUnknown;
  if (usd === 0 || Math.abs(usd) >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(Math.abs(usd) >= 0.0001 ? 4 : 6)}`;
}

export function probability(p: number | null | undefined): string {
  return p === null || p === undefined ? kUnknown : p.toFixed(2);
}

/** That of a turn, as the shell shows it: never 0 or 1, which it is not. */
export function probabilityOf(turn: { p: number | null | undefined }): string {
  return probability(typeof turn.p === 'number' ? Math.min(0.99, Math.max(0.01, turn.p)) : null);
}

export function share(value: number | null | undefined): string {
  return value === null || value === undefined ? kUnknown : `${(100 * value).toFixed(value > 0 && value < 0.01 ? 2 : 1).replace(/\.0$/, '')} %`;
}

export function bytes(n: number | null | undefined): string {
  if (n === null || n === undefined) return kUnknown;
  if (n < 1000) return `${n} B`;
  if (n < 1e6) return `${(n / 1e3).toFixed(1)} kB`;
  return n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(1)} GB`;
}

export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? kUnknown : n.toLocaleString();
}

/** "should_answer" to "should answer". */
export function words(name: string | null | undefined): string {
  return name ? name.replaceAll('_', ' ') : kUnknown;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
