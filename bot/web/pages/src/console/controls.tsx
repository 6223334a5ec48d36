// What a section is made of where something can be changed: buttons that know the role, fields, bars.

import type { ComponentChildren, TargetedMouseEvent } from 'preact';
import { useId, useLayoutEffect, useState } from 'preact/hooks';
import { may, me, type Role } from './session.js';

/** Why the signed-in person may not do what needs `least`; null where they may. */
export function whyNot(least: Role): string | null {
  return may(least) ? null : `You are signed in as ${me.value?.role ?? 'nobody'}. This needs the role ${least}.`;
}

/** What a section is about, and what applies to all of it. */
export function Head({ about, children }: { about: string; children?: ComponentChildren }) {
  return <div class="s-head"><p class="s-about">{about}</p>{children && <div class="s-tools">{children}</div>}</div>;
}

export function About({ children }: { children: ComponentChildren }) {
  return <p class="s-about">{children}</p>;
}

export function Note({ children }: { children: ComponentChildren }) {
  return <p class="s-note">{children}</p>;
}

/** Says above or below a form why nothing of it can be sent. */
export function RoleNote({ least }: { least: Role }) {
  const reason = whyNot(least);
  return reason ? <Note>{reason}</Note> : null;
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="s-empty">{children}</p>;
}

export function Problem({ text, again, label = 'Try again' }: { text: ComponentChildren; again?: () => void; label?: string }) {
  return <div class="notice in-page bad" role="alert">
    <span>{text}</span>
    {again && <button type="button" class="action" onClick={again}>{label}</button>}
  </div>;
}

interface PressProps {
  children: ComponentChildren;
  onPress?: () => void;
  style?: 'primary' | 'danger' | 'plain';
  least?: Role;
  disabled?: boolean;
  busy?: boolean;
  small?: boolean;
  label?: string;
  submit?: boolean;
}

/** A button that stays reachable by keyboard, and says why, where the role may not press it. */
export function Press({ children, onPress, style = 'plain', least, disabled, busy, small, label, submit }: PressProps) {
  const reason = least ? whyNot(least) : null;
  const id = useId();
  const off = Boolean(reason || disabled || busy);
  const press = (event: TargetedMouseEvent<HTMLButtonElement>) => {
    if (off) event.preventDefault();
    else onPress?.();
  };
  return <>
    <button type={submit ? 'submit' : 'button'} class={`action ${style}${small ? ' s-small' : ''}`} aria-disabled={off || undefined} aria-busy={busy || undefined}
      aria-label={label} aria-describedby={reason ? id : undefined} title={reason ?? undefined} onClick={press}>{children}</button>
    {reason && <span id={id} class="unseen">{reason}</span>}
  </>;
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ComponentChildren }) {
  return <label class="field"><span>{label}</span>{children}{hint && <span class="s-hint">{hint}</span>}</label>;
}

interface DecimalProps {
  value: number;
  step: number;
  /** What is right, for whoever typed something else. */
  sentence: string;
  good: (typed: number) => boolean;
  /** Result: what it became. */
  take: (typed: number) => number;
}

/** "0.5" and "0,5" alike; the arrow keys go on by `step`. Taken when the reader leaves the field or presses Enter. */
export function Decimal({ value, step, sentence, good, take }: DecimalProps) {
  const [text, setText] = useState(String(value));
  const [wrong, setWrong] = useState(false);
  const id = useId();
  useLayoutEffect(() => {
    setText(String(value));
    setWrong(false);
  }, [value]);
  const use = (typed: string) => {
    const number = /^\s*[-+]?(\d+([.,]\d*)?|[.,]\d+)\s*$/.test(typed) ? Number(typed.replace(',', '.')) : NaN;
    setWrong(!good(number));
    if (good(number)) setText(String(take(number)));
  };
  const move = (event: KeyboardEvent) => {
    const by = { ArrowUp: step, ArrowDown: -step }[event.key];
    if (event.key === 'Enter') use(text);
    const next = by === undefined ? NaN : Math.round((value + by) * 1e6) / 1e6;
    if (!good(next)) return;
    event.preventDefault();
    setText(String(take(next)));
  };
  return <>
    <input class="s-short" type="text" inputMode="decimal" autocomplete="off" spellcheck={false} value={text} aria-invalid={wrong || undefined} aria-describedby={wrong ? id : undefined}
      onInput={(event) => { setText(event.currentTarget.value); }} onChange={(event) => use(event.currentTarget.value)} onKeyDown={move} />
    {wrong && <span id={id} class="s-hint problem" role="alert">{sentence}</span>}
  </>;
}

export function Choice<T extends string | number>({ value, of, text, choose, id, label }: { value: T; of: readonly T[]; text: (item: T) => string; choose: (item: T) => void; id?: string; label?: string }) {
  return <select id={id} aria-label={label} value={value} onChange={(event) => choose(of[event.currentTarget.selectedIndex]!)}>
    {of.map((item) => <option key={item} value={item}>{text(item)}</option>)}
  </select>;
}

/** How something stands, in words; the colour only repeats them. */
export function Tag({ kind, children }: { kind: 'good' | 'warn' | 'bad' | 'working' | 'calm'; children: ComponentChildren }) {
  return <span class="badge s-tag" data-kind={kind}>{children}</span>;
}

/** One value against its limit: amber from 80 %, red from 100 % on; `text` says the same in words. */
export function Meter({ value, limit, label, text }: { value: number; limit: number; label: string; text: string }) {
  const share = limit > 0 ? value / limit : 1;
  return <div class={`meter${share >= 1 ? ' bad' : share >= 0.8 ? ' s-amber' : ''}`} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(value, limit)} aria-valuetext={text}>
    <span style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
  </div>;
}

/** A bar without a limit, as long as its share of the longest one. The figure stands beside it. */
export function Bar({ share }: { share: number }) {
  return <span class="meter s-calm" aria-hidden="true"><span style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} /></span>;
}
