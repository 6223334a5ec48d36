// A message on show: brings it up to date, and carries out what the person chooses below it.

import { uuid } from '../shared/dom.js';
import { buildActions } from './answers.js';
import { followEnd } from './follow.js';
import { showDispatch, showFiles, showProblem, showText, showTime } from './message.js';
import { api } from './session.js';
import type { Action, Entry } from './types.js';
import { input, view } from './view.js';

const kSettleMs = 2000;

export function update(entry: Entry): void {
  const { article, message } = entry;
  const focused = article.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.action ?? '' : null;
  showTime(article, message.time);
  showDispatch(article, message.dispatch);
  showText(entry);
  showFiles(entry, message.dispatch ? view.written.get(message.dispatch.id) : undefined);
  showActions(entry);
  // A change replaces nodes; a reader on the keyboard must not be thrown back to the top of the page.
  if (focused !== null && !article.contains(document.activeElement)) {
    (article.querySelector<HTMLElement>(`[data-action="${CSS.escape(focused)}"]:enabled`) ?? input).focus({ preventScroll: true });
  }
}

function showActions(entry: Entry): void {
  const { article, message, click } = entry;
  const key = JSON.stringify([message.actions, message.dispatch?.state, message.dispatch?.asks]);
  if (entry.actionsShown !== key) {
    entry.actionsShown = key;
    buildActions(entry, chooseAction);
  }
  for (const button of article.querySelectorAll<HTMLButtonElement>('.actions button, .change button')) {
    button.disabled = Boolean(click?.busy);
    button.classList.toggle('chosen', Boolean(click?.busy) && click?.action === button.dataset.action);
  }
  showProblem(article, click?.error);
}

/** A second try of the same button keeps its id, so that the server counts the click once. */
async function chooseAction(entry: Entry, action: Action, byKeyboard: boolean, text?: string): Promise<void> {
  const { chat } = view;
  const id = entry.click?.action === action.id ? entry.click.id : uuid();
  entry.click = { id, action: action.id, busy: true, error: '' };
  showActions(entry);
  // Whoever answers the newest message wants to see what follows.
  if (entry.message.id === Math.max(...view.messages.keys())) followEnd();
  try {
    await api('/api/actions', { chat, id, action: action.id, ...(text ? { text } : {}) });
    // The stream brings what became of it, usually at once; a second click before that would be an accident.
    await new Promise((resolve) => setTimeout(resolve, kSettleMs));
    entry.click = null;
  } catch (error) {
    entry.click = { id, action: action.id, busy: false, error: (error as Error).message };
  }
  update(entry);
  if (byKeyboard && document.activeElement === document.body) {  // lost while the button was disabled
    (entry.article.querySelector<HTMLElement>(`[data-action="${CSS.escape(action.id)}"]`) ?? input).focus({ preventScroll: true });
  }
}
