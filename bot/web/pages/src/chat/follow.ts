// A reader at the end of the history stays there.

import { $ } from '../shared/dom.js';
import { log, scroller, view } from './view.js';

let nearTop: () => void = () => {};

/** `onMove` is called whenever the reader has moved. */
export function startFollowing(onMove: () => void): void {
  nearTop = onMove;
  scroller.addEventListener('scroll', onScroll, { passive: true });
  // Whatever makes the history or its window change its size.
  const watcher = new ResizeObserver(() => view.following && scrollToEnd());
  [scroller, log, $('typing')].forEach((node) => watcher.observe(node));
}

function onScroll() {
  // A scroll that comes with a change of height is the layout's doing, not the reader's.
  const grown = scroller.scrollHeight !== view.height;
  view.height = scroller.scrollHeight;
  if (grown && view.following) {
    scrollToEnd();
    return;
  }
  view.following = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  if (view.following) $('news').hidden = true;
  nearTop();
}

export function scrollToEnd() {
  view.height = scroller.scrollHeight;
  scroller.scrollTop = scroller.scrollHeight;
}

export function followEnd() {
  view.following = true;
  $('news').hidden = true;
  scrollToEnd();
}
