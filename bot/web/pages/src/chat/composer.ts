// The message box.

import { $, recall, remember } from '../shared/dom.js';
import { attached, clearAttached, isAttaching, showAttachedOf, startAttaching, tooLong } from './attach.js';
import { draftKey } from './begun.js';
import { onCommandKey, startCommands, suggestCommands } from './commands.js';
import { send } from './outbox.js';
import { input, view } from './view.js';

/** Longer texts fill the box whatever they are; measuring them takes longer than a key may. */
const kMeasured = 5000;
const kKeepAfterMs = 300;

let unkept: { chat: string; timer: ReturnType<typeof setTimeout> } | null = null;

export function startComposer(): void {
  $('composer').addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  startCommands(setInput);
  startAttaching(showSend, complain);
  input.addEventListener('input', onInput);
  input.addEventListener('keydown', onKey);
  addEventListener('pagehide', keepDraft);
}

export function setInput(text: string): void {
  input.value = text;
  onInput();
  keepDraft();
  focusInput();
}

/** Before another chat is on show. */
export function leaveChat(): void {
  keepDraft();
}

/** What was begun in the chat that is on show now: text and files. */
export function enterChat(): void {
  showAttachedOf(view.chat);
  input.value = recall(draftKey(view.chat), '');
  onInput();
  keepDraft();
  focusInput();
}

/** Not at each key: a long text takes its time. */
function keepSoon(): void {
  if (unkept) clearTimeout(unkept.timer);
  unkept = { chat: view.chat, timer: setTimeout(keepDraft, kKeepAfterMs) };
}

function keepDraft(): void {
  if (!unkept) return;
  clearTimeout(unkept.timer);
  remember(draftKey(unkept.chat), input.value);
  unkept = null;
}

/** On a touch screen the focus would bring up the keyboard over the history. */
export function focusInput() {
  if (!matchMedia('(pointer: coarse)').matches) input.focus({ preventScroll: true });
}

function onInput() {
  showSend();
  suggestCommands();
  keepSoon();
  complain('');
  const long = input.value.length > kMeasured;
  input.style.height = long ? '100vh' : 'auto';  // set through the CSSOM, which the content security policy allows
  if (!long) input.style.height = `${input.scrollHeight}px`;
}

function showSend() {
  $<HTMLButtonElement>('send').disabled = isAttaching() || (!input.value.trim() && !attached().length);
}

function complain(sentence: string): void {
  $('composer-problem').hidden = !sentence;
  $('composer-problem').textContent = sentence;
}

function submit() {
  if ($<HTMLButtonElement>('send').disabled) return;
  const text = input.value;
  if (tooLong(text)) {
    complain(tooLong(text));
    return;
  }
  const files = attached().map(({ id, name, size }) => ({ id, name, size }));
  clearAttached();
  setInput('');
  input.focus();  // a tap on Send keeps the keyboard up
  send(text, files);
}

function onKey(event: KeyboardEvent): void {
  if (onCommandKey(event)) return;
  // keyCode 229: Safari ends a composition before it reports the Enter that ended it.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
}
