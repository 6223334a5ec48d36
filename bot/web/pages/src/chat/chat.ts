// The chat page: shows one chat at a time, as the server gives it by /api/state and the event stream.
// The server's record is the truth; the page owns only what has not been stored yet (the outbox) and the drafts.

import { $, hex } from '../shared/dom.js';
import { enterChat, focusInput, leaveChat, setInput, startComposer } from './composer.js';
import { checkConnection, fetchChat, startConnection } from './connection.js';
import { forgetDraft } from './draft.js';
import { followEnd, startFollowing } from './follow.js';
import { openDrawer, openExamples, showTitle, showIdle } from './frame.js';
import { loadOlder, loadOlderIfNear, showEarlier } from './history.js';
import { startNotifying } from './notify.js';
import { showOutbox, startOutbox } from './outbox.js';
import { endSearch, knownChats, setWaits, showChats, startSide } from './side.js';
import { startViewer } from './viewer.js';
import { input, log, showView, view } from './view.js';

function chatFromAddress() {
  return new URLSearchParams(location.hash.slice(1)).get('chat') || 'main';
}

function openChat(chat: string): void {
  leaveChat();
  showView(chat);
  view.wanted = Number(new URLSearchParams(location.hash.slice(1)).get('message')) || undefined;
  forgetDraft();
  log.replaceChildren();
  log.removeAttribute('aria-busy');
  setWaits(chat, null);
  endSearch();
  showIdle();
  showEarlier();
  $('news').hidden = true;
  showChats(knownChats(), chat);
  showOutbox();
  openDrawer(false);
  enterChat();
  fetchChat();
}

function start() {
  // The token has done its work; it must not stay in the address bar, the history or a screenshot.
  if (location.search) history.replaceState(null, '', location.pathname + location.hash);
  // Followed as a link, it would replace the chat in the address.
  $('skip').addEventListener('click', (event) => { event.preventDefault(); input.focus(); });
  startViewer();
  startNotifying();
  startComposer();
  startOutbox((text) => setInput([text, input.value].filter(Boolean).join('\n')), focusInput, checkConnection);
  startFollowing(loadOlderIfNear);
  startConnection();
  startSide(showTitle, (text) => {
    openDrawer(false);
    setInput(text);
    input.focus();
  });
  $('earlier').addEventListener('click', loadOlder);
  $('news').addEventListener('click', () => { followEnd(); focusInput(); });
  $('new-chat').addEventListener('click', () => { location.hash = `chat=${hex(crypto.getRandomValues(new Uint8Array(8)))}`; });
  $('open-drawer').addEventListener('click', () => openDrawer(true));
  $('close-drawer').addEventListener('click', () => openDrawer(false));
  $('backdrop').addEventListener('click', () => openDrawer(false));
  $('chats').addEventListener('click', (event) => (event.target as Element).closest('[aria-current]') && openDrawer(false));
  $('examples-button').addEventListener('click', () => openExamples(Boolean($('examples-menu').hidden)));
  document.addEventListener('click', (event) => (event.target as Element).closest('#examples-box') || openExamples(false));
  document.addEventListener('keydown', onEscape);
  addEventListener('hashchange', () => openChat(chatFromAddress()));
  openChat(chatFromAddress());
}

function onEscape(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || document.querySelector('dialog[open]')) return;
  openDrawer(false);
  if ($('examples-menu').hidden) return;
  openExamples(false);
  $('examples-button').focus();
}

start();
