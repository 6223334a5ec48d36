// The message box.

import { $, remember } from '../shared/dom.js';
import { attached, clearAttached, isAttaching, startAttaching } from './attach.js';
import { onCommandKey, startCommands, suggestCommands } from './commands.js';
import { send } from './outbox.js';
import { input, view } from './view.js';

export function startComposer(): void {
  $('composer').addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  startCommands(setInput);
  startAttaching(showSend);
  input.addEventListener('input', onInput);
  input.addEventListener('keydown', onKey);
}

export function setInput(text: string): void {
  input.value = text;
  onInput();
  focusInput();
}

/** On a touch screen the focus would bring up the keyboard over the history. */
export function focusInput() {
  if (!matchMedia('(pointer: coarse)').matches) input.focus({ preventScroll: true });
}

function onInput() {
  showSend();
  suggestCommands();
  remember(`draft.${view.chat}`, input.value);
  input.style.height = 'auto';  // set through the CSSOM, which the content security policy allows
  input.style.height = `${input.scrollHeight}px`;
}

function showSend() {
  $<HTMLButtonElement>('send').disabled = isAttaching() || (!input.value.trim() && !attached().length);
}

function submit() {
  if ($<HTMLButtonElement>('send').disabled) return;
  const text = input.value;
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
