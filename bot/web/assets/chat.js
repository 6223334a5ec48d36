// The chat page: shows one chat at a time, as the server gives it by /api/state and the event stream.
// The server's record is the truth; the page owns only what has not been stored yet (the outbox) and the drafts.

import { createArticle, showText, showDispatch, showProblem } from './message.js';
import { $, dayLabel, dayNumber, hex, make, makeButton, recall, remember, shortDate, uuid } from './tools.js';

const scroller = $('scroller');
const log = $('log');
const input = $('message');

const kTimeoutMs = 20000;
const kSettleMs = 2000;
const kRetryMs = [500, 1000, 2000, 4000, 8000, 15000];
const kSleepMs = 60000;  // after this long in the background the stream may be dead without an error
const kSessionGone = 'This session has ended. Open the address that Frontdesk printed when it started, or reload this page.';

/** The chat on show. Replaced as a whole on a switch, so that late answers for another chat are recognised and dropped. */
let view = newView('main');
let chats = [];
let stream = null;
let retryTimer = 0;
let failures = 0;
let sessionGone = false;
let unread = 0;
let hiddenSince = 0;
/** Messages not stored yet: {chat, id, text, error, busy}. Outlives a reload, so that no text is lost. */
const outbox = recall('outbox', []).map((item) => ({ ...item, busy: false, error: item.error || 'This message may not have been sent.' }));

function newView(chat) {
  return { chat, messages: new Map(), more: false, loadingOlder: false, refreshing: 0, held: [], following: true, loaded: false, draft: null };
}

// ---- the server

/** Result: the server's JSON. Throws an Error whose message is one sentence for the reader. */
async function api(path, body) {
  const options = { signal: AbortSignal.timeout(kTimeoutMs), cache: 'no-store' };
  if (body) {
    Object.assign(options, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }
  let response, data;
  try {
    response = await fetch(path, options);
    data = await response.json();
  } catch {
    if (!response || response.ok) throw new Error('Frontdesk cannot be reached right now.');
  }
  if (response.status === 401) {
    endSession();
    throw new Error(kSessionGone);
  }
  if (!response.ok) throw new Error(data?.error || `Frontdesk replied with an error (status ${response.status}).`);
  return data;
}

// ---- one message

function update(entry) {
  const { article, message } = entry;
  const focused = article.contains(document.activeElement) ? document.activeElement.dataset.action ?? '' : null;
  showDispatch(article, message.dispatch);
  showText(entry);
  showActions(entry);
  // A change replaces nodes; a reader on the keyboard must not be thrown back to the top of the page.
  if (focused !== null && !article.contains(document.activeElement)) {
    (article.querySelector(`[data-action="${CSS.escape(focused)}"]:enabled`) ?? input).focus({ preventScroll: true });
  }
}

function showActions(entry) {
  const { article, message, click } = entry;
  const box = article.querySelector('.actions');
  box.hidden = message.actions.length === 0;
  const key = JSON.stringify(message.actions);
  if (entry.actionsShown !== key) {
    entry.actionsShown = key;
    box.replaceChildren(...message.actions.map((action) => {
      const button = makeButton(`action ${action.style}`, action.label, (event) => chooseAction(entry, action, event.detail === 0));
      button.dataset.action = action.id;
      return button;
    }));
  }
  for (const button of box.children) {
    button.disabled = Boolean(click?.busy);
    button.classList.toggle('chosen', Boolean(click?.busy) && click.action === button.dataset.action);
  }
  showProblem(article, click?.error);
}

/** A second try of the same button keeps its id, so that the server counts the click once. */
async function chooseAction(entry, action, byKeyboard) {
  const { chat } = view;
  const id = entry.click?.action === action.id ? entry.click.id : uuid();
  entry.click = { id, action: action.id, busy: true, error: '' };
  showActions(entry);
  // Whoever answers the newest message wants to see what follows.
  if (entry.message.id === Math.max(...view.messages.keys())) followEnd();
  try {
    await api('/api/actions', { chat, id, action: action.id });
    // The stream brings what became of it, usually at once; a second click before that would be an accident.
    await new Promise((resolve) => setTimeout(resolve, kSettleMs));
    entry.click = null;
  } catch (error) {
    entry.click = { id, action: action.id, busy: false, error: error.message };
  }
  update(entry);
  if (byKeyboard && document.activeElement === document.body) {  // lost while the button was disabled
    (entry.article.querySelector(`[data-action="${CSS.escape(action.id)}"]`) ?? input).focus({ preventScroll: true });
  }
}

// ---- the history

/**
 * Shows the answer that is being written, all of it so far. A screen reader says nothing of it: it reads the message
 * that takes its place.
 */
function showDraft({ turn, n, html }) {
  if (view.draft?.turn !== turn) {
    removeDraft();
    const article = createArticle('assistant', Date.now());
    article.classList.add('draft');
    article.setAttribute('aria-busy', 'true');
    view.draft = { turn, n: 0, article, message: { author: 'assistant', html: '' } };
    log.insertBefore(article, nextArticle(Infinity));
  }
  if (n <= view.draft.n) return;
  Object.assign(view.draft, { n, message: { author: 'assistant', html } });
  showText(view.draft);
  if (view.following) scrollToEnd();
}

function removeDraft() {
  view.draft?.article.remove();
  view.draft = null;
}

/** The article of the draft that the message takes the place of, so that nothing jumps; null where there is none. */
function takeDraft(turn, message) {
  if (turn === undefined || view.draft?.turn !== turn) return null;
  const { article } = view.draft;
  view.draft = null;
  article.remove();
  if (view.messages.has(message.id)) return null;
  article.classList.remove('draft');
  article.removeAttribute('aria-busy');
  return article;
}

/** Adds or replaces a message; the order is that of the ids, whatever order they come in. */
function upsert(message, turn) {
  const draft = takeDraft(turn, message);
  const known = view.messages.get(message.id);
  if (known) {
    known.message = message;
    update(known);
    return;
  }
  const entry = { message, article: draft ?? createArticle(message.author, message.time), click: null };
  entry.article.dataset.id = message.id;
  view.messages.set(message.id, entry);
  log.insertBefore(entry.article, nextArticle(message.id));
  update(entry);
}

function nextArticle(id) {
  let next = log.querySelector('.pending');  // what is not stored yet stays below everything that is
  const articles = log.querySelectorAll('article[data-id]');
  for (let i = articles.length - 1; i >= 0 && Number(articles[i].dataset.id) > id; --i) next = articles[i];
  return next;
}

/** Puts a line before the first message of each day. Leaves right lines alone: a screen reader reads new ones aloud. */
function separateDays() {
  let day = null;
  for (const article of log.querySelectorAll('article[data-id]')) {
    const { time } = view.messages.get(Number(article.dataset.id)).message;
    const label = dayNumber(time) === day ? '' : dayLabel(time);
    const line = article.previousElementSibling?.matches('.day') ? article.previousElementSibling : null;
    if (line && line.textContent !== label) line.remove();
    if (label && line?.textContent !== label) article.before(make('p', { className: 'day' }, make('span', { textContent: label })));
    day = dayNumber(time);
  }
}

/** A message from the event stream: the one place where something can be news to the reader. */
function receive(message, turn) {
  const before = view.messages.get(message.id)?.message;
  if (!before && message.author === 'user') dropSent(message.text);
  upsert(message, turn);
  if (!before) separateDays();
  showWelcome();
  const finished = message.dispatch?.state === 'finished' && before?.dispatch?.state !== 'finished';
  if (message.author === 'user' || (before && !finished)) return;
  if (!view.following) $('news').hidden = false;
  if (document.hidden) unread += 1;
  showTitle();
}

/** Asks for the state and merges it. Throws when the server gives none. */
async function refresh() {
  const here = view;
  here.refreshing += 1;
  try {
    const state = await api(`/api/state?chat=${encodeURIComponent(here.chat)}`);
    if (here === view) mergeState(state);
  } finally {
    here.refreshing -= 1;
    // What the stream brought meanwhile may be newer than the answer, so it comes last.
    if (here === view && here.refreshing === 0) here.held.splice(0).forEach(onEvent);
  }
}

function mergeState(state) {
  const ids = [...view.messages.keys()];
  const oldest = state.messages[0]?.id ?? Infinity;
  // More than one page was missed: what is shown would have a hole, so begin again from the newest.
  if (ids.length && state.more && oldest > Math.max(...ids)) {
    view.messages.clear();
    view.draft = null;
    view.outboxShown = '';
    log.replaceChildren();
  }
  if (!view.messages.size || oldest <= Math.min(...view.messages.keys())) view.more = state.more;
  log.setAttribute('aria-busy', 'true');
  // After a gap in the stream the new ones are news.
  state.messages.forEach((message) => (view.loaded ? receive(message) : upsert(message)));
  if (state.stream) showDraft(state.stream);
  else removeDraft();
  view.loaded = true;
  separateDays();
  showOutbox();
  showTyping(state.thinking);
  showAbout(state);
  showChats(state.chats);
  showExamples(state.examples);
  showWelcome();
  if (view.following) scrollToEnd();
  requestAnimationFrame(() => log.removeAttribute('aria-busy'));
  showEarlier();
  loadOlderIfNear();
}

async function loadOlder() {
  const here = view;
  if (!here.more || here.loadingOlder) return;
  here.loadingOlder = true;
  showEarlier('Loading earlier messages…');
  try {
    const before = Math.min(...here.messages.keys());
    const page = await api(`/api/messages?chat=${encodeURIComponent(here.chat)}&before=${before}`);
    if (here !== view) return;
    here.more = page.more && page.messages.length > 0;
    prepend(page.messages, here.messages.get(before).article);
    here.loadingOlder = false;
    showEarlier();
    loadOlderIfNear();
  } catch {
    here.loadingOlder = false;
    if (here === view) showEarlier('Could not load earlier messages. Try again');
  }
}

/** Keeps what the reader looks at in its place while older messages are put above it. */
function prepend(messages, anchor) {
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

function send(text) {
  if (!text.trim()) return;
  const item = { chat: view.chat, id: uuid(), text, error: '', busy: false };
  outbox.push(item);
  deliver(item);
  followEnd();
}

/** A retry uses the same id, so that the server stores the message once whatever was lost on the way. */
async function deliver(item) {
  Object.assign(item, { busy: true, error: '' });
  showOutbox();
  try {
    const { id } = await api('/api/messages', { chat: item.chat, id: item.id, text: item.text });
    if (item.chat === view.chat && !view.messages.has(id)) {
      upsert({ id, author: 'user', text: item.text, html: '', time: Date.now(), edited: null, actions: [], dispatch: null });
      separateDays();
    }
    removeFromOutbox(item);
  } catch (error) {
    Object.assign(item, { busy: false, error: error.message });
    showOutbox();
  }
}

function removeFromOutbox(item) {
  if (outbox.includes(item)) outbox.splice(outbox.indexOf(item), 1);
  showOutbox();
}

/** The stream may bring a message before the answer to its POST does; then it must not stand there twice. */
function dropSent(text) {
  const item = outbox.find((sent) => sent.busy && sent.chat === view.chat && sent.text.trim() === text.trim());
  if (item) removeFromOutbox(item);
}

function showOutbox() {
  remember('outbox', outbox.map(({ chat, id, text, error }) => ({ chat, id, text, error })));
  const items = outbox.filter((item) => item.chat === view.chat);
  const key = JSON.stringify(items);
  if (view.outboxShown === key) return;
  view.outboxShown = key;
  log.querySelectorAll('.pending').forEach((article) => article.remove());
  log.append(...items.map(pendingArticle));
  showWelcome();
}

function pendingArticle(item) {
  const article = createArticle('user', Date.now());
  article.classList.add('pending');
  article.querySelector('.text').textContent = item.text;
  article.querySelector('time').textContent = item.busy ? 'Sending…' : 'Not sent';
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

function setInput(text) {
  input.value = text;
  onInput();
  focusInput();
}

/** On a touch screen the focus would bring up the keyboard over the history. */
function focusInput() {
  if (!matchMedia('(pointer: coarse)').matches) input.focus({ preventScroll: true });
}

function onInput() {
  $('send').disabled = !input.value.trim();
  remember(`draft.${view.chat}`, input.value);
  input.style.height = 'auto';  // set through the CSSOM, which the content security policy allows
  input.style.height = `${input.scrollHeight}px`;
}

function submit() {
  const text = input.value;
  setInput('');
  input.focus();  // a tap on Send keeps the keyboard up
  send(text);
}

function onKey(event) {
  // keyCode 229: Safari ends a composition before it reports the Enter that ended it.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
}

// ---- around the history

function showTyping(on) {
  $('typing').classList.toggle('on', on);
  $('typing').textContent = on ? 'Frontdesk is thinking' : '';
}

function showWelcome() {
  $('welcome').hidden = !view.loaded || view.messages.size > 0 || outbox.some((item) => item.chat === view.chat);
}

function showAbout(state) {
  $('demo').hidden = !state.demo;
  $('about').textContent = `${state.model} · Frontdesk ${state.version}`;
}

function showExamples(examples) {
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

function openExamples(open) {
  $('examples-menu').hidden = !open;
  $('examples-button').ariaExpanded = String(open);
}

function showChats(list) {
  chats = list.some((chat) => chat.id === view.chat) ? list : [{ id: view.chat, title: 'New chat', updated: null }, ...list];
  const focused = $('chats').contains(document.activeElement) ? document.activeElement.hash : null;
  $('chats').replaceChildren(...chats.map((chat) => {
    const link = make('a', { href: `#chat=${encodeURIComponent(chat.id)}` }, make('span', { textContent: chat.title || 'New chat', className: 'chat-title' }));
    if (chat.updated) link.append(make('time', { textContent: shortDate(chat.updated), dateTime: new Date(chat.updated).toISOString() }));
    if (chat.id === view.chat) link.ariaCurrent = 'page';
    return make('li', {}, link);
  }));
  if (focused) [...$('chats').querySelectorAll('a')].find((link) => link.hash === focused)?.focus();
  showTitle();
}

function showTitle() {
  const title = chats.find((chat) => chat.id === view.chat)?.title || 'New chat';
  $('title').textContent = title;
  document.title = `${unread ? `(${unread}) ` : ''}${title} · Frontdesk`;
}

function openDrawer(open) {
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
  const here = view;
  const source = new EventSource(`/api/events?chat=${encodeURIComponent(here.chat)}`);
  stream = source;
  // The state is fetched after the stream is open, so that nothing falls between the two.
  source.onopen = () => refresh().then(() => source === stream && connected(), () => source === stream && reconnectLater());
  source.onerror = () => source === stream && reconnectLater();
  source.onmessage = (event) => source === stream && onEvent(JSON.parse(event.data));
}

function onEvent(event) {
  const ofHistory = event.type === 'message' || event.type === 'stream' || event.type === 'withdrawn';
  if (ofHistory && view.refreshing) view.held.push(event);
  else if (event.type === 'message') receive(event.message, event.turn);
  else if (event.type === 'stream') showDraft(event);
  else if (event.type === 'withdrawn' && event.turn === view.draft?.turn) removeDraft();
  else if (event.type === 'thinking') showTyping(event.on);
  else if (event.type === 'chats') showChats(event.chats);
}

function connected() {
  failures = 0;
  $('connection').textContent = '';
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

function openChat(chat) {
  view = newView(chat);
  log.replaceChildren();
  showTyping(false);
  showEarlier();
  $('news').hidden = true;
  showChats(chats.filter((known) => known.updated !== null));
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
  input.addEventListener('input', onInput);
  input.addEventListener('keydown', onKey);
  scroller.addEventListener('scroll', onScroll, { passive: true });
  $('earlier').addEventListener('click', loadOlder);
  $('news').addEventListener('click', () => { followEnd(); focusInput(); });
  $('new-chat').addEventListener('click', () => { location.hash = `chat=${hex(crypto.getRandomValues(new Uint8Array(8)))}`; });
  $('open-drawer').addEventListener('click', () => openDrawer(true));
  $('close-drawer').addEventListener('click', () => openDrawer(false));
  $('backdrop').addEventListener('click', () => openDrawer(false));
  $('chats').addEventListener('click', (event) => event.target.closest('[aria-current]') && openDrawer(false));
  $('examples-button').addEventListener('click', () => openExamples($('examples-menu').hidden));
  document.addEventListener('click', (event) => event.target.closest('#examples-box') || openExamples(false));
  document.addEventListener('keydown', onEscape);
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', () => sessionGone || reconnect());
  addEventListener('hashchange', () => openChat(chatFromAddress()));
  // Whatever makes the history or its window change its size: a reader at the end stays at the end.
  const watcher = new ResizeObserver(() => view.following && scrollToEnd());
  [scroller, log, $('typing')].forEach((node) => watcher.observe(node));
  openChat(chatFromAddress());
}

function onEscape(event) {
  if (event.key !== 'Escape') return;
  openDrawer(false);
  if ($('examples-menu').hidden) return;
  openExamples(false);
  $('examples-button').focus();
}

start();
