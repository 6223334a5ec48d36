// The messages of the chat on show, in the order of their ids, and the older ones above them.

import { $, dayLabel, dayNumber, make } from '../shared/dom.js';
import { update } from './clicks.js';
import { forgetDraft, takeDraft } from './draft.js';
import { createArticle } from './message.js';
import { api } from './session.js';
import type { Entry, Message, Older, View } from './types.js';
import { log, scroller, view } from './view.js';

const kMostPagesBack = 40;

/** Adds or replaces a message; the order is that of the ids, whatever order they come in. */
export function upsert(message: Message, turn?: number): void {
  const draft = takeDraft(log, turn);
  const known = view.messages.get(message.id);
  if (known) {
    draft?.remove();
    known.message = message;
    update(known);
    return;
  }
  const entry: Entry = { message, article: draft ?? createArticle(message.author, message.time), click: null };
  entry.article.dataset.id = String(message.id);
  view.messages.set(message.id, entry);
  const next = nextArticle(message.id);
  // To move a draft would take away what is selected in it.
  if (!draft || draft.nextElementSibling !== next) log.insertBefore(entry.article, next);
  update(entry);
}

function nextArticle(id: number): Element | null {
  let next = log.querySelector('.draft, .pending');  // what is not stored yet stays below everything that is
  const articles = log.querySelectorAll<HTMLElement>('article[data-id]');
  for (let i = articles.length - 1; i >= 0 && Number(articles[i]!.dataset.id) > id; --i) next = articles[i]!;
  return next;
}

/** Puts a line before the first message of each day. Leaves right lines alone: a screen reader reads new ones aloud. */
export function separateDays() {
  let day: number | null = null;
  for (const article of log.querySelectorAll<HTMLElement>('article[data-id]')) {
    const { time } = view.messages.get(Number(article.dataset.id))!.message;
    const label = dayNumber(time) === day ? '' : dayLabel(time);
    const line = article.previousElementSibling?.matches('.day') ? article.previousElementSibling : null;
    if (line && line.textContent !== label) line.remove();
    if (label && line?.textContent !== label) article.before(make('p', { className: 'day' }, make('span', { textContent: label })));
    day = dayNumber(time);
  }
}

export function clearHistory() {
  view.messages.clear();
  view.outboxShown = '';
  forgetDraft();
  log.replaceChildren();
}

/** Goes back to the message that a search led to, however old it is. */
export async function showWanted() {
  const here = view;
  const id = here.wanted!;
  here.wanted = undefined;
  here.following = false;
  for (let page = 0; here === view && !here.messages.has(id) && here.more && page < kMostPagesBack; ++page) await loadOlder();
  const entry = here === view ? here.messages.get(id) : undefined;
  if (!entry) return;
  here.following = false;  // what was scrolled on the way says nothing
  entry.article.scrollIntoView({ block: 'center' });
  entry.article.tabIndex = -1;
  entry.article.focus({ preventScroll: true });
  entry.article.classList.add('found');
}

/** Whoever asks while a page is on its way waits for that one. */
export function loadOlder(): Promise<void> {
  const here = view;
  if (!here.more) return Promise.resolve();
  here.older ??= fetchOlder(here).finally(() => { here.older = undefined; });
  return here.older;
}

async function fetchOlder(here: View): Promise<void> {
  here.loadingOlder = true;
  showEarlier('Loading earlier messages…');
  try {
    const before = Math.min(...here.messages.keys());
    const page = await api<Older>(`/api/messages?chat=${encodeURIComponent(here.chat)}&before=${before}`);
    if (here !== view) return;
    here.more = page.more && page.messages.length > 0;
    prepend(page.messages, here.messages.get(before)!.article);
    here.loadingOlder = false;
    showEarlier();
    setTimeout(loadOlderIfNear);  // once this page is known to be there
  } catch {
    here.loadingOlder = false;
    if (here === view) showEarlier('Could not load earlier messages. Try again');
  }
}

/** Keeps what the reader looks at in its place while older messages are put above it. */
function prepend(messages: Message[], anchor: HTMLElement): void {
  const top = anchor.getBoundingClientRect().top;
  log.setAttribute('aria-busy', 'true');  // old messages are not read aloud
  messages.forEach((message) => upsert(message));
  separateDays();
  scroller.scrollTop += anchor.getBoundingClientRect().top - top;
  requestAnimationFrame(() => log.removeAttribute('aria-busy'));
}

export function loadOlderIfNear() {
  if (view.loaded && scroller.scrollTop < 300) loadOlder();
}

export function showEarlier(label = 'Show earlier messages') {
  $('earlier').textContent = label;
  $('earlier').hidden = !view.more;
}
