// Messages that are not stored yet: sent under ids of their own until the server has them, over a reload, too.

import { makeButton, now, part, recall, remember, uuid } from '../shared/dom.js';
import { ApiError } from './api.js';
import { followEnd } from './follow.js';
import { showWelcome } from './frame.js';
import { separateDays, upsert } from './history.js';
import { createArticle, showFiles, showProblem } from './message.js';
import { api } from './session.js';
import type { Message, Unsent } from './types.js';
import { log, view } from './view.js';

/** Where the server answers but takes nothing; where it is not there, it is tried when it is back. */
const kRetryMs = [10000, 20000, 40000];
const kUnreachable = 'Frontdesk cannot be reached right now. This message is sent as soon as it can.';

let sending = false;
let refusals = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Messages not stored yet: {chat, id, text, error, busy}. Outlives a reload, so that no text is lost. */
const outbox: Unsent[] = recall<Unsent[]>('outbox', []).map((item) => ({ ...item, busy: false, passes: true, error: item.error || 'This message may not have been sent.' }));

let takeBack: (text: string) => void = () => {};
let unreachable: () => void = () => {};
let afterRetry: () => void = () => {};

/** `edit` gets the text of a message that the person takes back; `onRetry` is called when one is sent again by its button, `onUnreachable` when
    the server was not there. */
export function startOutbox(edit: (text: string) => void, onRetry: () => void, onUnreachable: () => void): void {
  unreachable = onUnreachable;
  takeBack = edit;
  afterRetry = onRetry;
}

export function send(text: string, files: Unsent['files'] = []): void {
  if (!text.trim() && !files.length) return;
  outbox.push({ chat: view.chat, id: uuid(), text, files, error: '', busy: false, passes: true });
  showOutbox();
  followEnd();
  void resend();
}

/** One after the other in their order, under ids that stay, so that nothing is stored twice; up to the first that has to wait. */
export async function resend(): Promise<void> {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  for (let item; (item = outbox.find((unsent) => unsent.passes));) {
    await deliver(item);
    if (!item.error || !item.passes) continue;
    const wait = kRetryMs[Math.min(refusals, kRetryMs.length - 1)];
    refusals += 1;
    timer = setTimeout(() => void resend(), wait);
    break;
  }
  sending = false;
}

async function deliver(item: Unsent): Promise<void> {
  Object.assign(item, { busy: true, error: '' });
  showOutbox();
  try {
    const { id } = await api<{ id: number }>('/api/messages', {
      chat: item.chat, id: item.id, text: item.text, ...(item.files?.length ? { files: item.files.map((file) => file.id) } : {}),
    });
    refusals = 0;
    if (item.chat === view.chat && id && !view.messages.has(id)) {
      upsert({ id, author: 'user', key: item.id, text: item.text, html: '', time: now(), edited: null, actions: [], dispatch: null, files: item.files });
      separateDays();
    }
    removeFromOutbox(item);
  } catch (error) {
    const { status, passes } = error instanceof ApiError ? error : { status: 0, passes: true };
    // What nobody can mend by waiting is sent again by its button alone.
    Object.assign(item, { busy: false, error: status === 0 ? kUnreachable : (error as Error).message, passes });
    showOutbox();
    if (status === 0) unreachable();
  }
}

function removeFromOutbox(item: Unsent): void {
  if (outbox.includes(item)) outbox.splice(outbox.indexOf(item), 1);
  showOutbox();
}

/** The stream may bring a message before the answer to its POST does; then it must not stand there twice. */
export function dropSent(key: string): void {
  const item = outbox.find((sent) => key.endsWith(sent.id));
  if (item) removeFromOutbox(item);
}

export function showOutbox() {
  remember('outbox', outbox.map(({ chat, id, text, files, error }) => ({ chat, id, text, files, error })));
  const items = outbox.filter((item) => item.chat === view.chat);
  view.unsent = items.length;
  const key = JSON.stringify(items);
  if (view.outboxShown === key) return;
  view.outboxShown = key;
  log.querySelectorAll('.pending').forEach((article) => article.remove());
  log.append(...items.map(pendingArticle));
  showWelcome();
}

function pendingArticle(item: Unsent): HTMLElement {
  const article = createArticle('user', now());
  article.classList.add('pending');
  part(article, '.text').textContent = item.text;
  showFiles({ article, message: { files: item.files, dispatch: null } as unknown as Message, click: null }, undefined);
  part(article, 'time').textContent = item.error ? 'Not sent' : item.busy ? 'Sending…' : 'Waiting…';
  if (!item.error) return article;
  const retry = makeButton('action primary', 'Retry', () => {
    item.passes = true;
    void resend();
    afterRetry();
  });
  const edit = makeButton('action plain', 'Edit', () => {
    removeFromOutbox(item);
    takeBack(item.text);
  });
  showProblem(article, item.error, retry, edit);
  return article;
}
