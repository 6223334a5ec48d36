// What every section is made of.

import { Component, type ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sentence } from './api.js';
import { fullTime, money, shortTime, words } from './format.js';
import type { Resource } from './resource.js';

export function Icon({ path, size = 18 }: { path: string; size?: number }) {
  return <svg viewBox="0 0 20 20" width={size} height={size} aria-hidden="true"><path d={path} /></svg>;
}

export function Time({ at }: { at: string | null | undefined }) {
  return at ? <time dateTime={at} title={fullTime(at)}>{shortTime(at)}</time> : <span class="unknown">–</span>;
}

export function Money({ usd }: { usd: number | null | undefined }) {
  return <span class={usd === null || usd === undefined ? 'unknown' : 'figure'} title={usd ? `$${usd}` : undefined}>{money(usd)}</span>;
}

const kGood = new Set(['success', 'answered', 'ok', 'right', 'delivered', 'allowed', 'allowed_for_task']);
const kBad = new Set(['error', 'failed', 'fail', 'bad_result', 'denied']);
const kWarn = new Set(['blocked', 'timeout', 'over_budget', 'interrupted', 'uncertain', 'warn', 'expired', 'open', 'waiting']);
const kWorking = new Set(['running', 'queued', 'asked', 'sending']);

/** How an outcome, a state or a check stands. Colour never says it alone: the word stands there. */
export function Badge({ of, label }: { of: string | null | undefined; label?: string }) {
  if (!of) return <span class="unknown">–</span>;
  const kind = kGood.has(of) ? 'good' : kBad.has(of) ? 'bad' : kWarn.has(of) ? 'warn' : kWorking.has(of) ? 'working' : '';
  return <span class="badge" data-kind={kind}>{label ?? words(of)}</span>;
}

export interface ButtonProps {
  children: ComponentChildren;
  onClick: () => void | Promise<unknown>;
  style?: 'primary' | 'plain' | 'danger' | 'quiet';
  disabled?: boolean;
  title?: string;
  label?: string;
  pressed?: boolean;
}

/** Says what went wrong beside itself, and takes no second click while the first is under way. */
export function Button({ children, onClick, style = 'plain', disabled, title, label, pressed }: ButtonProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const here = useRef(true);
  useEffect(() => () => { here.current = false; }, []);
  const click = async () => {
    if (busy) return;
    setBusy(true);
    setError('');
    try {
      await onClick();
    } catch (problem) {
      if (here.current) setError(sentence(problem));
    } finally {
      if (here.current) setBusy(false);
    }
  };
  return <>
    <button type="button" class={`action ${style}`} disabled={disabled} aria-busy={busy || undefined} title={title} aria-label={label} aria-pressed={pressed} onClick={click}>{children}</button>
    {error && <span class="problem" role="alert">{error}</span>}
  </>;
}

/** Markdown as the server rendered it: made safe there, and the only HTML that the console takes. */
export function Rendered({ html }: { html: string | null | undefined }) {
  return <div class="rendered" dangerouslySetInnerHTML={{ __html: html ?? '' }} />;
}

/** A panel with a heading. */
export function Card({ title, aside, children, wide }: { title?: string; aside?: ComponentChildren; children: ComponentChildren; wide?: boolean }) {
  return <section class={`panel${wide ? ' wide' : ''}`} aria-label={title}>
    {(title || aside) && <header class="panel-head">{title && <h2>{title}</h2>}{aside}</header>}
    {children}
  </section>;
}

export function Notice({ kind = 'warn', children }: { kind?: 'warn' | 'bad' | 'good'; children: ComponentChildren }) {
  return <p class={`notice in-page ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>{children}</p>;
}

/** The data as soon as it is there; what is wrong instead, or above what was there before. */
export function Loaded<T>({ from, children, empty }: { from: Resource<T>; children: (data: T) => ComponentChildren; empty?: string }) {
  const { data, error, loading, reload } = from;
  return <>
    {error && <p class="notice in-page bad" role="alert"><span>{error}</span> <button type="button" class="action" onClick={reload}>Try again</button></p>}
    {data !== undefined ? (empty && isEmpty(data) ? <p class="empty">{empty}</p> : children(data)) : loading && <Waiting />}
  </>;
}

function isEmpty(data: unknown): boolean {
  const items = (data as { items?: unknown[] })?.items;
  return Array.isArray(items) && items.length === 0;
}

/** Shown only where it takes a moment, so that nothing flickers. */
export function Waiting() {
  return <p class="waiting" role="status">Loading…</p>;
}

export interface Column<T> {
  title: string;
  cell: (item: T) => ComponentChildren;
  /** Right-aligned digits. */
  figure?: boolean;
}

/** A plain table that scrolls within itself; on a phone each row is a card. */
export function Table<T>({ label, columns, items, rowKey }: { label: string; columns: Column<T>[]; items: T[]; rowKey: (item: T) => string | number }) {
  return <div class="table" role="group" aria-label={label} tabIndex={0}>
    <table class="cards">
      <thead><tr>{columns.map((column) => <th scope="col" class={column.figure ? 'figure' : ''}>{column.title}</th>)}</tr></thead>
      <tbody>{items.map((item) => <tr key={rowKey(item)}>
        {columns.map((column) => <td data-title={column.title} class={column.figure ? 'figure' : ''}><div class="cell">{column.cell(item)}</div></td>)}
      </tr>)}</tbody>
    </table>
  </div>;
}

/** A figure with its name below. */
export function Figure({ name, children, about }: { name: string; children: ComponentChildren; about?: string }) {
  return <div class="stat" title={about}><dt>{name}</dt><dd>{children}</dd></div>;
}

export interface TabItem {
  id: string;
  label: string;
  href: string;
}

/** Links, since each tab is a place of its own in the address. */
export function Tabs({ label, items, current }: { label: string; items: TabItem[]; current: string }) {
  return <nav class="tabs" aria-label={label}><ul>
    {items.map((item) => <li><a href={item.href} aria-current={item.id === current ? 'page' : undefined}>{item.label}</a></li>)}
  </ul></nav>;
}

/** A question with a form, above everything else; Escape closes it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  return <dialog ref={dialog} aria-label={title} onClose={onClose}><h2>{title}</h2>{children}</dialog>;
}

/** An error in one section leaves the rest of the page alone. */
export class Boundary extends Component<{ of: string; children: ComponentChildren }, { error: unknown }> {
  override state = { error: null as unknown };

  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: { of: string }) {
    if (before.of !== this.props.of && this.state.error) this.setState({ error: null });
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return <div class="notice in-page bad" role="alert">
      <span>This part of the page failed: {sentence(this.state.error)}</span>
      <button type="button" class="action" onClick={() => this.setState({ error: null })}>Try again</button>
    </div>;
  }
}
