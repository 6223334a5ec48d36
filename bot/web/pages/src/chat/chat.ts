// The chat page: shows one chat at a time, as the server gives it by /api/state and the event stream.
// The server's record is the truth; the page owns only what has not been stored yet (the outbox) and the drafts.

import { $, dayLabel, dayNumber, hex, make, makeButton, part, recall, remember, uuid } from '../shared/dom.js';
import { buildActions } from './answers.js';
import { ApiError, call } from './api.js';
import { attached, clearAttached, isAttaching, setMaxFile, startAttaching } from './attach.js';
import { onCommandKey, setCommands, startCommands, suggestCommands } from './commands.js';
import { forgetDraft, removeDraft, showDraft, takeDraft } from './draft.js';
import { createArticle, showDispatch, showFiles, showProblem, showText } from './message.js';
import { notify, startNotifying } from './notify.js';
import { endSearch, knownChats, othersWaiting, setAllWaits, setWaits, showChats, showProjects, startSide, titleOf } from './side.js';
import type { Action, ChatEvent, Entry, Example, Message, Older, State, Unsent, View } from './types.js';
import { startViewer } from './viewer.js';

const scroller = $('scroller');
const log = $('log');
const input = $<HTMLTextAreaElement>('message');

const kSettleMs = 2000;
const kRetryMs = [500, 1000, 2000, 4000, 8000, 15000];
const kSleepMs = 60000;  // after this long in the background the stream may be dead without an error
const kSessionGone = 'This session has ended. Open the address that Frontdesk printed when it started, or reload this page.';

/** The chat on show. Replaced as a whole on a switch, so that late answers for another chat are recognised and dropped. */
let view = newView('main');
let stream: EventSource | null = null;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let sessionGone = false;
let unread = 0;
let hiddenSince = 0;
const kMostPagesBack = 40;
/** Messages not stored yet: {chat, id, text, error, busy}. Outlives a reload, so that no text is lost. */
const outbox: Unsent[] = recall<Unsent[]>('outbox', []).map((item) => ({ ...item, busy: false, passes: true, error: item.error || 'This message may not have been sent.' }));

function newView(chat: string): View {
  return { chat, messages: new Map(), more: false, loadingOlder: false, refreshing: 0, held: [], following: true, loaded: false, written: new Map() };
}

// ---- the server

/** Result: the server's JSON. Throws an ApiError; an ended session is told of at once. */
async function api<T>(path: string, body?: object): Promise<T> {
  try {
    return await call<T>(body ? 'POST' : 'GET', path, body);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      endSession();
      throw new ApiError(kSessionGone, 401);
    }
    throw error;
  }
}

// ---- one message

function update(entry: Entry): void {
  const { article, message } = entry;
  const focused = article.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.action ?? '' : null;
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

// ---- the history

/** Adds or replaces a message; the order is that of the ids, whatever order they come in. */
function upsert(message: Message, turn?: number): void {
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
  log.insertBefore(entry.article, nextArticle(message.id));
  update(entry);
}

function nextArticle(id: number): Element | null {
  let next = log.querySelector('.draft, .pending');  // what is not stored yet stays below everything that is
  const articles = log.querySelectorAll<HTMLElement>('article[data-id]');
  for (let i = articles.length - 1; i >= 0 && Number(articles[i]!.dataset.id) > id; --i) next = articles[i]!;
  return next;
}

/** Puts a line before the first message of each day. Leaves right lines alone: a screen reader reads new ones aloud. */
function separateDays() {
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

/** A message from the event stream: the one place where something can be news to the reader. */
function receive(message: Message, turn?: number): void {
  const before = view.messages.get(message.id)?.message;
  if (message.author === 'user') dropSent(message.key ?? '');
  upsert(message, turn);
  if (!before) separateDays();
  showWelcome();
  const finished = message.dispatch?.state === 'finished' && before?.dispatch?.state !== 'finished';
  if (message.author === 'user' || (before && !finished)) return;
  if (!view.following) $('news').hidden = false;
  if (document.hidden) unread += 1;
  $('status').textContent = message.dispatch?.asks ? 'The specialist waits for you' : message.dispatch ? 'A task has news' : 'Frontdesk has answered';
  notify(titleOf(view.chat), message.text.slice(0, 200), view.chat);
  showTitle();
}

/** Asks for the state and merges it. Throws when the server gives none. */
async function refresh() {
  const here = view;
  here.refreshing += 1;
  try {
    const state = await api<State>(`/api/state?chat=${encodeURIComponent(here.chat)}`);
    if (here === view) mergeState(state);
  } finally {
    here.refreshing -= 1;
    // What the stream brought meanwhile may be newer than the answer, so it comes last.
    if (here === view && here.refreshing === 0) here.held.splice(0).forEach(onEvent);
  }
}

function clearHistory() {
  view.messages.clear();
  view.outboxShown = '';
  forgetDraft();
  log.replaceChildren();
}

function mergeState(state: State): void {
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
  view.loaded = true;
  separateDays();
  showOutbox();
  showTyping(state.thinking);
  showAbout(state);
  setAllWaits(state.waiting ?? []);
  showChats(state.chats, view.chat);
  showProjects(state.projects ?? []);
  setCommands(state.commands ?? []);
  setMaxFile(state.max_file ?? 0);
  showExamples(state.examples);
  showWelcome();
  if (view.following) scrollToEnd();
  log.setAttribute('aria-busy', 'true');  // which the draft may have ended
  requestAnimationFrame(() => log.querySelector('.draft') ?? log.removeAttribute('aria-busy'));
  showEarlier();
  if (view.wanted) void showWanted();
  else loadOlderIfNear();
}

/** Goes back to the message that a search led to, however old it is. */
async function showWanted() {
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
function loadOlder(): Promise<void> {
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

function loadOlderIfNear() {
  if (view.loaded && scroller.scrollTop < 300) loadOlder();
}

function showEarlier(label = 'Show earlier messages') {
  $('earlier').textContent = label;
  $('earlier').hidden = !view.more;
}

// ---- following the end

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
  loadOlderIfNear();
}

function scrollToEnd() {
  view.height = scroller.scrollHeight;
  scroller.scrollTop = scroller.scrollHeight;
}

function followEnd() {
  view.following = true;
  $('news').hidden = true;
  scrollToEnd();
}

// ---- sending

function send(text: string, files: Unsent['files'] = []): void {
  if (!text.trim() && !files.length) return;
  const item: Unsent = { chat: view.chat, id: uuid(), text, files, error: '', busy: false };
  outbox.push(item);
  deliver(item);
  followEnd();
}

/** A retry uses the same id, so that the server stores the message once whatever was lost on the way. */
async function deliver(item: Unsent): Promise<void> {
  Object.assign(item, { busy: true, error: '' });
  showOutbox();
  try {
    const { id } = await api<{ id: number }>('/api/messages', {
      chat: item.chat, id: item.id, text: item.text, ...(item.files?.length ? { files: item.files.map((file) => file.id) } : {}),
    });
    if (item.chat === view.chat && id && !view.messages.has(id)) {
      upsert({ id, author: 'user', key: item.id, text: item.text, html: '', time: Date.now(), edited: null, actions: [], dispatch: null, files: item.files });
      separateDays();
    }
    removeFromOutbox(item);
  } catch (error) {
    // What nobody can mend by waiting is sent again by its button alone.
    Object.assign(item, { busy: false, error: (error as Error).message, passes: !(error instanceof ApiError) || error.passes });
    showOutbox();
  }
}

function removeFromOutbox(item: Unsent): void {
  if (outbox.includes(item)) outbox.splice(outbox.indexOf(item), 1);
  showOutbox();
}

/** The stream may bring a message before the answer to its POST does; then it must not stand there twice. */
function dropSent(key: string): void {
  const item = outbox.find((sent) => key.endsWith(sent.id));
  if (item) removeFromOutbox(item);
}

/** When the connection is back, under the same ids, so that nothing is stored twice; in their order. */
async function resend() {
  for (const item of outbox.filter((unsent) => !unsent.busy && unsent.passes)) {
    await deliver(item);
    if (item.error) return;
  }
}

function showOutbox() {
  remember('outbox', outbox.map(({ chat, id, text, files, error }) => ({ chat, id, text, files, error })));
  const items = outbox.filter((item) => item.chat === view.chat);
  const key = JSON.stringify(items);
  if (view.outboxShown === key) return;
  view.outboxShown = key;
  log.querySelectorAll('.pending').forEach((article) => article.remove());
  log.append(...items.map(pendingArticle));
  showWelcome();
}

function pendingArticle(item: Unsent): HTMLElement {
  const article = createArticle('user', Date.now());
  article.classList.add('pending');
  part(article, '.text').textContent = item.text;
  showFiles({ article, message: { files: item.files, dispatch: null } as unknown as Message, click: null }, undefined);
  part(article, 'time').textContent = item.busy ? 'Sending…' : 'Not sent';
  if (item.busy) return article;
  const retry = makeButton('action primary', 'Retry', () => {
    deliver(item);
    focusInput();
  });
  const edit = makeButton('action plain', 'Edit', () => {
    removeFromOutbox(item);
    setInput([item.text, input.value].filter(Boolean).join('\n'));
  });
  showProblem(article, item.error, retry, edit);
  return article;
}

function setInput(text: string): void {
  input.value = text;
  onInput();
  focusInput();
}

/** On a touch screen the focus would bring up the keyboard over the history. */
function focusInput() {
  if (!matchMedia('(pointer: coarse)').matches) input.focus({ preventScroll: true });
}

function onInput() {
  showSend();
  suggestCommands();
  remember(`draft.${view.chat}`, input.value);
  input.style.height = 'auto';  // set through the CSSOM, which the content security policy allows
  input.style.height = `${input.scrollHeight}px`;
}

function showSend() {
  $<HTMLButtonElement>('send').disabled = isAttaching() || (!input.value.trim() && !attached().length);
}

function submit() {
  if ($<HTMLButtonElement>('send').disabled) return;
  const text = input.value;
  const files = attached().map(({ id, name, size }) => ({ id, name, size }));
  clearAttached();
  setInput('');
  input.focus();  // a tap on Send keeps the keyboard up
  send(text, files);
}

function onKey(event: KeyboardEvent): void {
  if (onCommandKey(event)) return;
  // keyCode 229: Safari ends a composition before it reports the Enter that ended it.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
}

// ---- around the history

function showTyping(on: boolean): void {
  $('typing').classList.toggle('on', on);
  $('typing').textContent = on ? 'Frontdesk is thinking' : '';
}

function showWelcome() {
  $('welcome').hidden = !view.loaded || view.messages.size > 0 || outbox.some((item) => item.chat === view.chat);
}

function showAbout(state: State): void {
  $('demo').hidden = !state.demo;
  $('about').textContent = `${state.model} · Frontdesk ${state.version}`;
}

function showExamples(examples: Example[]): void {
  const items = () => examples.map((example) => {
    const button = makeButton('example', '', () => {
      openExamples(false);
      send(example.text);
      focusInput();
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

function openExamples(open: boolean): void {
  $('examples-menu').hidden = !open;
  $('examples-button').ariaExpanded = String(open);
}

function showTitle() {
  const title = titleOf(view.chat);
  const news = unread + othersWaiting();
  $('title').textContent = title;
  document.title = `${news ? `(${news}) ` : ''}${title} · Frontdesk`;
}

function openDrawer(open: boolean): void {
  if (document.body.classList.contains('drawer-open') === open) return;
  document.body.classList.toggle('drawer-open', open);
  $('backdrop').hidden = !open;
  $('main').inert = open;
  $('open-drawer').ariaExpanded = String(open);
  $(open ? 'close-drawer' : 'open-drawer').focus();
}

// ---- the connection

function connect() {
  stream?.close();
  clearTimeout(retryTimer);
  const source = new EventSource('/api/events');
  stream = source;
  // The state is fetched after the stream is open, so that nothing falls between the two.
  source.onopen = () => refresh().then(() => source === stream && connected(), () => source === stream && reconnectLater());
  source.onerror = () => source === stream && reconnectLater();
  source.onmessage = (event) => source === stream && onEvent(JSON.parse(event.data));
}

function onEvent(event: ChatEvent): void {
  if (event.type === 'chats') {
    showChats(event.chats, view.chat);
    if (event.projects) showProjects(event.projects);
  } else if (event.chat !== view.chat) {
    onOtherChat(event);
  } else if (view.refreshing && event.type !== 'thinking') {
    view.held.push(event);
  } else {
    onOwnChat(event);
  }
}

function onOwnChat(event: ChatEvent): void {
  switch (event.type) {
    case 'message':
      setWaits(event.chat, event.waits ?? null);
      receive(event.message, event.turn);
      break;
    case 'stream':
      showTyping(false);
      showDraft(event, log, () => log.querySelector('.pending'));
      if (view.following) scrollToEnd();
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
  const ended = message.author !== 'user' && (!message.dispatch || message.dispatch.state === 'finished');
  setWaits(event.chat, waits ?? (ended ? 'news' : null));
  if (message.author === 'user' || (!ended && message.dispatch?.asks !== 'open')) return;
  const title = titleOf(event.chat);
  $('status').textContent = waits === 'approval' ? `“${title}” waits for your leave` : `“${title}” has news`;
  notify(title, message.text.slice(0, 200), event.chat);
}

function connected() {
  failures = 0;
  $('connection').textContent = '';
  void resend();
}

/** EventSource's own retry neither backs off nor notices a session that is gone, so the page does it. */
function reconnectLater() {
  stream?.close();
  stream = null;
  clearTimeout(retryTimer);
  if (sessionGone) return;
  showTyping(false);
  $('connection').textContent = 'Connection lost. Reconnecting…';
  const wait = kRetryMs[Math.min(failures, kRetryMs.length - 1)];
  failures += 1;
  retryTimer = setTimeout(reconnect, wait * (0.75 + Math.random() / 2));
}

/** Asks for the state first: its status distinguishes an ended session from a server that is down. */
function reconnect() {
  const here = view;
  refresh().then(() => here === view && connect(), () => here === view && reconnectLater());
}

function endSession() {
  sessionGone = true;
  stream?.close();
  stream = null;
  $('connection').textContent = '';
  $('session').replaceChildren(make('span', { textContent: kSessionGone }), makeButton('action plain', 'Reload', () => location.reload()));
  $('session').hidden = false;
}

// ---- start

function chatFromAddress() {
  return new URLSearchParams(location.hash.slice(1)).get('chat') || 'main';
}

function openChat(chat: string): void {
  view = newView(chat);
  view.wanted = Number(new URLSearchParams(location.hash.slice(1)).get('message')) || undefined;
  forgetDraft();
  log.replaceChildren();
  log.removeAttribute('aria-busy');
  clearAttached();
  setWaits(chat, null);
  endSearch();
  showTyping(false);
  showEarlier();
  $('news').hidden = true;
  showChats(knownChats(), chat);
  showOutbox();
  openDrawer(false);
  setInput(recall(`draft.${chat}`, ''));
  reconnect();
}

function onVisibility() {
  if (document.hidden) {
    hiddenSince = Date.now();
    return;
  }
  unread = 0;
  showTitle();
  if (Date.now() - hiddenSince > kSleepMs && !sessionGone) reconnect();
}

function start() {
  // The token has done its work; it must not stay in the address bar, the history or a screenshot.
  if (location.search) history.replaceState(null, '', location.pathname + location.hash);
  // Followed as a link, it would replace the chat in the address.
  $('skip').addEventListener('click', (event) => { event.preventDefault(); input.focus(); });
  $('composer').addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  startViewer();
  startNotifying();
  startCommands(setInput);
  startAttaching(showSend);
  startSide(showTitle, (text) => {
    openDrawer(false);
    setInput(text);
    input.focus();
  });
  input.addEventListener('input', onInput);
  input.addEventListener('keydown', onKey);
  scroller.addEventListener('scroll', onScroll, { passive: true });
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
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', () => sessionGone || reconnect());
  addEventListener('hashchange', () => openChat(chatFromAddress()));
  // Whatever makes the history or its window change its size: a reader at the end stays at the end.
  const watcher = new ResizeObserver(() => view.following && scrollToEnd());
  [scroller, log, $('typing')].forEach((node) => watcher.observe(node));
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
