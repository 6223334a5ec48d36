// What stands below a message: its buttons, a field to change what is proposed, and what can be done with any answer.

import { icon, make, makeButton, part } from '../shared/dom.js';
import { call } from './api.js';
import { copyText } from './message.js';
import type { Action, Entry } from './types.js';
import { input } from './view.js';

export type Choose = (entry: Entry, action: Action, byKeyboard: boolean, text?: string) => void;

/** What is to be different is the next message. */
const kChangedInWords = ['change_call', 'change_reminder'];

const kThumb = 'M7 17V9l3-6.2a1.6 1.6 0 011.8 1.7V8h3.6a1.6 1.6 0 011.6 1.9l-1 5.6a1.8 1.8 0 01-1.8 1.5zM7 9H4v8h3';

const isThumb = (action: Action) => action.kind === 'good' || action.kind === 'bad';

/** Fills the row of choices and the row of the answer's own tools. */
export function buildActions(entry: Entry, choose: Choose): void {
  const { article, message } = entry;
  const box = part(article, '.actions');
  const choices = message.actions.filter((action) => !isThumb(action));
  const buttons = choices.map((action) => actionButton(entry, action, choose));
  const allow = choices.find((action) => action.kind === 'allow');
  if (message.dispatch?.editable && allow) {
    const edit = makeButton('action plain', 'Edit', () => openField(entry, allow, 'Command to run', proposed(article), 'Allow this', choose));
    edit.dataset.action = 'edit';
    buttons.splice(1, 0, edit);
  }
  box.hidden = buttons.length === 0;
  box.replaceChildren(...buttons);
  part(article, '.change').replaceChildren();
  buildTools(entry, choose);
}

function actionButton(entry: Entry, action: Action, choose: Choose): HTMLButtonElement {
  const button = makeButton(`action ${action.style}`, action.label, (event) => {
    if (action.kind === 'change') openField(entry, action, 'What should be different?', '', 'Send', choose);
    else choose(entry, action, event.detail === 0);
    if (kChangedInWords.includes(action.kind ?? '')) input.focus();
  });
  button.dataset.action = action.id;
  return button;
}

/** What the person sees is what they change. */
const proposed = (article: HTMLElement) => article.querySelector('.text pre')?.textContent?.replace(/\n$/, '') ?? '';

function openField(entry: Entry, action: Action, label: string, text: string, verb: string, choose: Choose): void {
  const box = part(entry.article, '.change');
  const field = make('textarea', { value: text, rows: Math.min(8, text.split('\n').length + 1), ariaLabel: label, placeholder: label });
  const send = makeButton('action primary', verb, (event) => {
    if (field.value.trim()) choose(entry, action, event.detail === 0, field.value);
    else field.focus();
  });
  const close = () => {
    box.replaceChildren();
    entry.article.querySelector<HTMLElement>('.actions button')?.focus();
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { event.stopPropagation(); close(); }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send.click();
  });
  box.replaceChildren(field, make('div', { className: 'change-tools' }, send, makeButton('action plain', 'Back', close)));
  field.focus();
}

function buildTools(entry: Entry, choose: Choose): void {
  const { article, message } = entry;
  const row = part(article, '.tools');
  const answered = message.author === 'assistant' && !message.dispatch?.asks && (!message.dispatch || (message.dispatch.state === 'finished' && !message.dispatch.below));
  row.hidden = !answered;
  if (!answered) return;
  const copy: HTMLButtonElement = makeButton('tool', 'Copy', () => void copyText(part(article, '.text'), copy, entry.message.text));
  copy.dataset.action = 'copy';
  const thumbs = message.actions.filter(isThumb).map((action) => {
    const button = makeButton('tool', '', (event) => choose(entry, action, event.detail === 0));
    button.append(icon(kThumb));
    button.classList.toggle('down', action.kind === 'bad');
    button.ariaLabel = action.kind === 'good' ? 'This was right' : 'This was not right';
    button.title = button.ariaLabel;
    button.dataset.action = action.id;
    return button;
  });
  const why = makeButton('tool', 'Why?', () => void tellWhy(entry, why));
  why.dataset.action = 'why';
  why.ariaExpanded = 'false';
  row.replaceChildren(copy, ...thumbs, why);
}

async function tellWhy(entry: Entry, button: HTMLButtonElement): Promise<void> {
  const box = part(entry.article, '.why');
  const open = box.hidden;
  box.hidden = !open;
  button.ariaExpanded = String(open);
  if (!open) return;
  box.textContent = 'Looking it up…';
  try {
    box.innerHTML = (await call<{ html: string }>('GET', `/api/why?message=${entry.message.id}`)).html;  // rendered and made safe by the server
  } catch (error) {
    box.textContent = (error as Error).message;
  }
}
