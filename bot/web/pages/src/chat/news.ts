// What the server tells: the state of the chat on show, and the events of all chats of the person.

import { $, setServerTime } from '../shared/dom.js';
import { setMaxFile } from './attach.js';
import { setCommands } from './commands.js';
import { focusInput } from './composer.js';
import { removeDraft, showDraft } from './draft.js';
import { scrollToEnd, tellNews } from './follow.js';
import { countUnread, showAbout, showExamples, showTitle, showDoing, showTyping, showWelcome } from './frame.js';
import { clearHistory, loadOlderIfNear, separateDays, showEarlier, showWanted, upsert } from './history.js';
import { plainText, showFiles } from './message.js';
import { notify } from './notify.js';
import { dropSent, send, showOutbox } from './outbox.js';
import { noteSeen, unseenChats } from './seen.js';
import { api, checkPerson } from './session.js';
import { hasWaits, isKnown, noteProject, setAllWaits, setWaits, showChats, showProjects, titleOf } from './side.js';
import type { Chat, ChatEvent, Message, State } from './types.js';
import { log, view } from './view.js';

/** A message from the event stream: the one place where something can be news to the reader. */
function receive(message: Message, turn?: number): void {
  const before = view.messages.get(message.id)?.message;
  if (message.dispatch) noteProject(message.dispatch.slug);
  if (message.author === 'user') dropSent(message.key ?? '');
  upsert(message, turn);
  if (!before) separateDays();
  showWelcome();
  const finished = message.dispatch?.state === 'finished' && before?.dispatch?.state !== 'finished';
  if (message.author === 'user' || (before && !finished)) return;
  tellNews();
  countUnread();
  $('status').textContent = message.dispatch?.asks ? 'The specialist waits for you' : message.dispatch ? 'A task has news' : 'Frontdesk has answered';
  notify(titleOf(view.chat), plainText(message.text).slice(0, 200), view.chat);
  showTitle();
}

/** Asks for the state and merges it. Throws when the server gives none. */
export async function refresh() {
  const here = view;
  here.refreshing += 1;
  try {
    const state = await api<State>(`/api/state?chat=${encodeURIComponent(here.chat)}`);
    checkPerson(state.me);
    if (here === view) mergeState(state);
  } finally {
    here.refreshing -= 1;
    // What the stream brought meanwhile may be newer than the answer, so it comes last.
    if (here === view && here.refreshing === 0) here.held.splice(0).forEach(onEvent);
  }
}

/** Whose browser goes by another zone than the bot, and who has named none, goes by the browser's from now on. */
function offerTimeZone(state: State): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || state.time_zone || !state.usual_time_zone || state.usual_time_zone === zone) return;
  api('/api/timezone', { zone }).catch(() => {});
}

function mergeState(state: State): void {
  if (state.now) setServerTime(state.now);
  const ids = [...view.messages.keys()];
  const oldest = state.messages[0]?.id ?? Infinity;
  // More than one page was missed: what is shown would have a hole, so begin again from the newest.
  if (ids.length && state.more && oldest > Math.max(...ids)) {
    clearHistory();
  }
  if (!view.messages.size || oldest <= Math.min(...view.messages.keys())) view.more = state.more;
  log.setAttribute('aria-busy', 'true');
  // After a gap in the stream the new ones are news.
  state.messages.forEach((message) => (view.loaded ? receive(message) : upsert(message)));
  // At once: what the stream brought meanwhile comes right behind.
  if (state.stream) showDraft(state.stream, log, () => log.querySelector('.pending'));
  else removeDraft(log);
  const first = !view.loaded;
  if (first) performance.mark('chat shown');  // which tests/browser/speed.mjs reads
  view.loaded = true;
  separateDays();
  showOutbox();
  showTyping(state.thinking);
  showDoing(state.doing ?? '');
  showAbout(state);
  showUnseen(state.chats, !first);
  offerTimeZone(state);
  setAllWaits(state.waiting ?? []);
  noteAllSeen();
  showChats(state.chats, view.chat);
  showProjects(state.projects ?? []);
  setCommands(state.commands ?? []);
  setMaxFile(state.max_file ?? 0);
  showExamples(state.examples, (text) => { send(text); focusInput(); });
  showWelcome();
  if (view.following) scrollToEnd();
  log.setAttribute('aria-busy', 'true');  // which the draft may have ended
  requestAnimationFrame(() => log.querySelector('.draft') ?? log.removeAttribute('aria-busy'));
  showEarlier();
  if (view.wanted) void showWanted();
  else loadOlderIfNear();
}

/** What is on show was looked at. */
export function noteAllSeen(): void {
  noteSeen(view.chat, Math.max(0, ...view.messages.keys()));
}

/** What came into other chats while nothing was heard of them. */
function showUnseen(chats: Chat[], tell: boolean): void {
  for (const chat of unseenChats(chats, view.chat)) {
    if (tell && !hasWaits(chat)) notify(titleOf(chat), 'Something came while the connection was lost.', chat);
    setWaits(chat, 'news');
  }
}

export function onEvent(event: ChatEvent): void {
  if (event.type === 'chats') {
    showChats(event.chats, view.chat);
    if (event.projects) showProjects(event.projects);
    return;
  }
  if (event.chat !== view.chat) {
    onOtherChat(event);
    return;
  }
  const shownAtOnce = event.type === 'thinking' || event.type === 'working';
  // Once more behind the answer that is under way, which may have been written before.
  if (view.refreshing) view.held.push(event);
  if (!view.refreshing || shownAtOnce) onOwnChat(event);
}

function onOwnChat(event: ChatEvent): void {
  switch (event.type) {
    case 'message':
      setWaits(event.chat, event.waits ?? null);
      receive(event.message, event.turn);
      noteAllSeen();
      break;
    case 'stream':
      showTyping(false);
      showDraft(event, log, () => log.querySelector('.pending'));
      break;
    case 'withdrawn':
      removeDraft(log, event.turn);
      break;
    case 'progress':
      view.written.set(event.dispatch, event.files);
      for (const entry of view.messages.values()) if (entry.message.dispatch?.id === event.dispatch) showFiles(entry, event.files);
      break;
    case 'thinking':
      showTyping(event.on);
      break;
    case 'working':
      showDoing(event.doing);
      break;
    case 'deleted':
      clearHistory();
      showWelcome();
      break;
  }
}

/** What is not looked at shows as a dot, in the title, and as a notification. */
function onOtherChat(event: ChatEvent): void {
  if (event.type !== 'message') return;
  const { message, waits } = event;
  if (message.dispatch) noteProject(message.dispatch.slug);
  const ended = message.author !== 'user' && (!message.dispatch || message.dispatch.state === 'finished');
  setWaits(event.chat, waits ?? (ended ? 'news' : null));
  if (!isKnown(event.chat)) refresh().catch(() => {});  // such as a deleted one in which a reminder came
  if (message.author === 'user' || (!ended && message.dispatch?.asks !== 'open')) return;
  const title = titleOf(event.chat);
  $('status').textContent = waits === 'approval' ? `“${title}” waits for your leave` : `“${title}” has news`;
  notify(title, plainText(message.text).slice(0, 200), event.chat);
}
