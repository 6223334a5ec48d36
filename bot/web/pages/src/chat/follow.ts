// A reader at the end of the history stays there, until the first move upwards.

import { $ } from '../shared/dom.js';
import { log, scroller, view } from './view.js';

/** So near to the end, a reader who moves down has reached it. */
const kAtEnd = 24;
/** So far from it, a way back is offered. */
const kAway = 120;

let moved: () => void = () => {};
let top = 0;
let height = 0;
let touched = 0;
/** The history has changed since the last frame. */
let changed = false;
/** A button is down in the history: on its scroll bar, or to select something. */
let held = false;

/** `onMove` is called whenever the reader has moved. */
export function startFollowing(onMove: () => void): void {
  moved = onMove;
  scroller.addEventListener('scroll', onScroll, { passive: true });
  // The reader's own moves are heard before they show as a scroll: while an answer grows, the page would scroll back before that.
  scroller.addEventListener('wheel', (event) => { if (event.deltaY < 0 && !event.ctrlKey) yieldToReader(); }, { passive: true });
  scroller.addEventListener('touchstart', (event) => { touched = event.touches[0]!.clientY; }, { passive: true });
  scroller.addEventListener('touchmove', (event) => { if (event.touches[0]!.clientY > touched + 2) yieldToReader(); }, { passive: true });
  scroller.addEventListener('keydown', (event) => {
    if (['ArrowUp', 'PageUp', 'Home'].includes(event.key) || (event.key === ' ' && event.shiftKey)) yieldToReader();
  });
  scroller.addEventListener('pointerdown', () => { held = true; });
  for (const end of ['pointerup', 'pointercancel'] as const) addEventListener(end, () => { held = false; });
  const changes = new MutationObserver(() => {
    changed = true;
    requestAnimationFrame(() => { changed = false; });  // behind the scroll events of that frame
  });
  [log, $('typing')].forEach((node) => changes.observe(node, { childList: true, characterData: true, subtree: true }));
  // Whatever makes the history or its window change its size.
  const watcher = new ResizeObserver(keepEnd);
  [scroller, log, $('typing')].forEach((node) => watcher.observe(node));
}

const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

function yieldToReader(): void {
  if (scroller.scrollTop > 0) view.following = false;
}

function onScroll(): void {
  const up = scroller.scrollTop < top - 1;
  // What has become shorter moves what is above it down, also where something longer takes its place at once; that is nobody's wish to
  // leave the end.
  if (up && fromEnd() > 1 && scroller.scrollHeight >= height && (held || !changed)) view.following = false;
  else if (!up && fromEnd() < kAtEnd) view.following = true;
  note();
  offerEnd();
  moved();
}

function note(): void {
  top = scroller.scrollTop;
  height = scroller.scrollHeight;
}

function offerEnd(): void {
  const news = $('news');
  if (view.following) delete news.dataset.new;
  news.hidden = view.following || (!news.dataset.new && fromEnd() < kAway);
  $('news-label').textContent = news.dataset.new ? 'New messages' : 'To the newest';
}

/** Something new stands at the end, where the reader may not be. */
export function tellNews(): void {
  if (view.following) return;
  $('news').dataset.new = 'yes';
  offerEnd();
}

/** Called between layout and painting, after the scroll events: what the reader did in that frame is known. */
function keepEnd(): void {
  if (view.following) scrollToEnd();
  else offerEnd();
}

export function scrollToEnd(): void {
  scroller.scrollTop = scroller.scrollHeight;
  note();
  offerEnd();
}

export function followEnd(): void {
  view.following = true;
  scrollToEnd();
}
