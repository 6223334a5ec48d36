// The answer while it is being written. It is provisional: the message that answers takes its place.

import { now } from '../shared/dom.js';
import { createArticle, showText } from './message.js';
import type { Draft, Entry, Message } from './types.js';

interface Shown extends Entry {
  turn: number;
  n: number;
}

let shown: Shown | null = null;

let frame = 0;

export function forgetDraft(): void {
  cancelAnimationFrame(frame);
  frame = 0;
  shown = null;
}

/** Shows all of it so far: the first words at once, what follows at most once a frame, however fast it comes. A screen reader says nothing of it: it reads the message that takes its place. */
export function showDraft(draft: Draft, log: HTMLElement, before: () => Element | null): void {
  if (shown?.turn !== draft.turn) {
    removeDraft(log);
    const article = createArticle('assistant', now());
    article.classList.add('draft');
    article.setAttribute('aria-busy', 'true');
    log.setAttribute('aria-busy', 'true');
    log.insertBefore(article, before());
    shown = { turn: draft.turn, n: -1, article, message: { author: 'assistant', html: '' } as Message, click: null };
  }
  const n = draft.n ?? shown.n + 1;
  if (n <= shown.n) return;
  shown.n = n;
  const first = !shown.message.html;
  shown.message = { ...shown.message, html: draft.html };
  if (first) showText(shown);
  else frame ||= requestAnimationFrame(() => { frame = 0; if (shown) showText(shown); });
}

/** Takes it away; of that turn alone where one is named. */
export function removeDraft(log: HTMLElement, turn?: number): void {
  if (!shown || (turn !== undefined && shown.turn !== turn)) return;
  shown.article.remove();
  forgetDraft();
  log.removeAttribute('aria-busy');
}

/** The article that the message of that turn takes the place of, so that nothing jumps; null where there is none. */
export function takeDraft(log: HTMLElement, turn: number | undefined): HTMLElement | null {
  if (!shown || turn === undefined || shown.turn !== turn) return null;
  const { article } = shown;
  forgetDraft();
  log.removeAttribute('aria-busy');
  article.classList.remove('draft');
  article.removeAttribute('aria-busy');
  return article;
}
