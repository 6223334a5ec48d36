// The small things that every screen is made of.

import type { ComponentChildren, TargetedMouseEvent } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { me } from './ground';
import { exactTime, when } from './format';
import type { Resource } from './resource';

const rank = { viewer: 0, operator: 1, admin: 2 } as const;
export type Role = keyof typeof rank;

/** Why the signed-in person may not do what needs `least`; null where they may. */
export function whyNot(least: Role): string | null {
  const mine = me.value?.role;
  if (mine && rank[mine] >= rank[least]) return null;
  return `You are signed in as ${mine ?? 'nobody'}. This needs the role ${least}.`;
}

interface ScreenProps { title: string; about: string; tools?: ComponentChildren; children: ComponentChildren }

export function Screen({ title, about, tools, children }: ScreenProps) {
  return (
    <div class="s-screen">
      <header class="s-head">
        <div>
          <h1>{title}</h1>
          <p class="s-about">{about}</p>
        </div>
        {tools && <div class="s-tools">{tools}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps { title: string; about?: ComponentChildren; tools?: ComponentChildren; children: ComponentChildren; wide?: boolean }

export function Panel({ title, about, tools, children, wide }: PanelProps) {
  const id = useId();
  return (
    <section class={wide ? 's-panel s-wide' : 's-panel'} aria-labelledby={id}>
      <div class="s-panel-head">
        <h2 id={id}>{title}</h2>
        {tools}
      </div>
      {about && <p class="s-about">{about}</p>}
      {children}
    </section>
  );
}

/** Loading, failed, or what `children` makes of the data. What was shown stays while it is asked for again. */
export function Shown<T>({ of, children, lines = 3 }: { of: Resource<T>; children: (data: T) => ComponentChildren; lines?: number }) {
  return (
    <>
      {of.error && <Problem sentence={of.error} again={of.reload} />}
      {of.data !== null ? children(of.data) : !of.error && <Loading lines={lines} />}
    </>
  );
}

export function Loading({ lines = 3 }: { lines?: number }) {
  return (
    <div class="s-loading" role="status">
      <span class="s-hidden">Loading</span>
      {Array.from({ length: lines }, (_, line) => <span key={line} class="s-bone" />)}
    </div>
  );
}

export function Problem({ sentence, again, label = 'Try again' }: { sentence: string; again?: () => void; label?: string }) {
  return (
    <div class="s-problem" role="alert">
      <span>{sentence}</span>
      {again && <button type="button" class="s-button s-small" onClick={again}>{label}</button>}
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="s-empty">{children}</p>;
}

export function Time({ at }: { at: string | null | undefined }) {
  return at ? <time dateTime={at} title={exactTime(at)}>{when(at)}</time> : <>–</>;
}

interface ButtonProps {
  children: ComponentChildren;
  onClick?: () => void;
  kind?: 'primary' | 'danger' | 'plain';
  least?: Role;
  disabled?: boolean;
  busy?: boolean;
  small?: boolean;
  label?: string;
  type?: 'button' | 'submit';
}

/** A button that stays reachable and says why where the role may not press it. */
export function Button({ children, onClick, kind = 'plain', least, disabled, busy, small, label, type = 'button' }: ButtonProps) {
  const reason = least ? whyNot(least) : null;
  const id = useId();
  const off = Boolean(reason || disabled || busy);
  const press = (event: TargetedMouseEvent<HTMLButtonElement>) => {
    if (off) event.preventDefault();
    else onClick?.();
  };
  return (
    <>
      <button type={type} class={`s-button s-${kind}${small ? ' s-small' : ''}`} aria-disabled={off || undefined} aria-busy={busy || undefined}
        aria-label={label} aria-describedby={reason ? id : undefined} title={reason ?? undefined} onClick={press}>{children}</button>
      {reason && <span id={id} class="s-hidden">{reason}</span>}
    </>
  );
}

/** Says below a form why nothing of it can be sent. */
export function RoleNote({ least }: { least: Role }) {
  const reason = whyNot(least);
  return reason ? <p class="s-note">{reason}</p> : null;
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ComponentChildren }) {
  return (
    <label class="s-field">
      <span class="s-label">{label}</span>
      {children}
      {hint && <span class="s-hint">{hint}</span>}
    </label>
  );
}

export function Badge({ kind, children }: { kind: 'good' | 'warn' | 'bad' | 'calm' | 'live'; children: ComponentChildren }) {
  return <span class={`s-badge s-is-${kind}`}>{children}</span>;
}

export interface Column<T> { head: string; cell: (row: T) => ComponentChildren; number?: boolean; wide?: boolean }

/** A table that becomes one card for each row where the screen is narrow; the roles keep it a table for screen readers there. */
export function Table<T>({ caption, columns, rows, keyOf }: { caption: string; columns: Column<T>[]; rows: T[]; keyOf: (row: T, index: number) => string | number }) {
  return (
    <div class="s-table-box">
      <table class="s-table" role="table">
        <caption class="s-hidden">{caption}</caption>
        <thead role="rowgroup"><tr role="row">{columns.map((column) => <th key={column.head} role="columnheader" scope="col" class={column.number ? 's-number' : undefined}>{column.head || <span class="s-hidden">Actions</span>}</th>)}</tr></thead>
        <tbody role="rowgroup">
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)} role="row">
              {columns.map((column) => (
                <td key={column.head} role="cell" data-head={column.head} class={`${column.number ? 's-number' : ''}${column.wide ? ' s-long' : ''}` || undefined}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A modal dialog: Escape and its buttons close it, and the focus goes back. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => { if (before instanceof HTMLElement) before.focus(); };
  }, []);
  return (
    <dialog ref={box} class="s-dialog" aria-labelledby={id} onCancel={(event) => { event.preventDefault(); close(); }}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** One value of a limit as a bar; over 80 % it is amber, from 100 % on red, and the words say so too. */
export function Meter({ value, limit, label, text }: { value: number; limit: number; label: string; text: string }) {
  const share = limit > 0 ? value / limit : 1;
  const kind = share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : 'good';
  return (
    <div class={`s-meter s-is-${kind}`} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(value, limit)} aria-valuetext={text}>
      <span style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
    </div>
  );
}
