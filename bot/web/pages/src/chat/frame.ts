// What stands around the history: the welcome, the examples, the title, the drawer of a phone.

import { $, make, makeButton } from '../shared/dom.js';
import { othersWaiting, titleOf } from './side.js';
import type { Example, State } from './types.js';
import { view } from './view.js';

let unread = 0;

let thinking = false;
let doing = '';

export function showTyping(on: boolean): void {
  thinking = on;
  showState();
}

/** "Looking into calendar"; empty: nothing in particular. */
export function showDoing(what: string): void {
  doing = what;
  showState();
}

export function showIdle(): void {
  thinking = false;
  showDoing('');
}

function showState(): void {
  $('typing').classList.toggle('on', thinking || doing !== '');
  $('typing').textContent = doing || (thinking ? 'Frontdesk is thinking' : '');
}

export function showWelcome() {
  $('welcome').hidden = !view.loaded || view.messages.size > 0 || view.unsent > 0;
}

export function showAbout(state: State): void {
  $('demo').hidden = !state.demo;
  $('about').textContent = `${state.model} · Frontdesk ${state.version}`;
}

export function showExamples(examples: Example[], choose: (text: string) => void): void {
  const items = () => examples.map((example) => {
    const button = makeButton('example', '', () => {
      openExamples(false);
      choose(example.text);
    });
    button.append(make('strong', { textContent: example.label }));
    if (example.text !== example.label) button.append(make('span', { textContent: example.text }));
    return make('li', {}, button);
  });
  const key = JSON.stringify(examples);
  $('examples-box').hidden = examples.length === 0;
  if ($('examples-menu').dataset.key === key) return;  // a refresh must not take away a focused chip
  $('examples-menu').dataset.key = key;
  $('examples-menu').replaceChildren(...items());
  $('welcome-examples').replaceChildren(...items());
}

export function openExamples(open: boolean): void {
  $('examples-menu').hidden = !open;
  $('examples-button').ariaExpanded = String(open);
}

export function showTitle() {
  const title = titleOf(view.chat);
  const news = unread + othersWaiting();
  $('title').textContent = title;
  document.title = `${news ? `(${news}) ` : ''}${title} · Frontdesk`;
}

export function openDrawer(open: boolean): void {
  if (document.body.classList.contains('drawer-open') === open) return;
  document.body.classList.toggle('drawer-open', open);
  $('backdrop').hidden = !open;
  $('main').inert = open;
  $('open-drawer').ariaExpanded = String(open);
  $(open ? 'close-drawer' : 'open-drawer').focus();
}

/** What came while the page was not looked at is in its title. */
export function countUnread(): void {
  if (document.hidden) unread += 1;
}

export function forgetUnread(): void {
  unread = 0;
  showTitle();
}
