// How figures, times and shares are written on the screens. What is unknown is a dash, never a 0.

const unknown = '–';
const known = (value: number | null | undefined): value is number => typeof value === 'number' && Number.isFinite(value);

export function usd(value: number | null | undefined): string {
  if (!known(value)) return unknown;
  const digits = value !== 0 && Math.abs(value) < 0.1 ? 4 : 2;
  return `$${value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

export function count(value: number | null | undefined): string {
  return known(value) ? value.toLocaleString('en') : unknown;
}

export function percent(share: number | null | undefined, digits = 1): string {
  return known(share) ? `${(share * 100).toFixed(digits)} %` : unknown;
}

/** A probability or threshold: two digits. */
export function p2(value: number | null | undefined): string {
  return known(value) ? value.toFixed(2) : unknown;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export function bytes(value: number | null | undefined): string {
  if (!known(value)) return unknown;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit + 1 < units.length) {
    size /= 1000;
    ++unit;
  }
  return `${size >= 100 || unit === 0 ? size.toFixed(0) : size.toFixed(1)} ${units[unit]}`;
}

export function seconds(value: number | null | undefined): string {
  if (!known(value)) return unknown;
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 90) return `${Math.round(value)} s`;
  const minutes = value / 60;
  if (minutes < 90) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

const dateTime = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

export function when(time: string | null | undefined): string {
  const date = time ? new Date(time) : null;
  return date && !Number.isNaN(date.getTime()) ? dateTime.format(date) : unknown;
}

export function exactTime(time: string | null | undefined): string {
  const date = time ? new Date(time) : null;
  return date && !Number.isNaN(date.getTime()) ? exact.format(date) : '';
}

export function ago(time: string | null | undefined, now = Date.now()): string {
  if (!time) return unknown;
  const past = (now - new Date(time).getTime()) / 1000;
  if (!Number.isFinite(past)) return unknown;
  return past < 5 ? 'just now' : `${seconds(past).replace(/\.\d/, '')} ago`;
}

/** Any value of the settings as one line of text. */
export function settingText(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  if (Array.isArray(value)) return value.length ? value.map(settingText).join(', ') : 'none';
  if (typeof value === 'object') return Object.entries(value).map(([name, part]) => `${name.replaceAll('_', ' ')} ${settingText(part)}`).join(', ');
  return String(value);
}
