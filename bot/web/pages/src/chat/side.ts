// The side of the page: the chats with what waits in them, the search in all of them, the projects, and the settings.

import { $, icon, make, makeButton, shortDate } from '../shared/dom.js';
import { chooseTheme, chosenTheme, type Theme } from '../shared/theme.js';
import { call } from './api.js';
import { begunChats, forgetBegun } from './begun.js';
import { plainText } from './message.js';
import type { Chat, Hit, Project, Waits } from './types.js';

const kSearchAfterMs = 200;
const kWaits: Record<string, string> = { approval: 'waits for your leave', question: 'waits for your answer', run: 'is at work', news: 'has news' };

let chats: Chat[] = [];
let current = '';
let renaming = '';
let begun = new Set<string>();
const waiting = new Map<string, Waits>();
let told: () => void = () => {};
let startWith: (text: string) => void = () => {};

/** `onChange`: names or what waits have changed. `begin` puts a text into the message box. */
export function startSide(onChange: () => void, begin: (text: string) => void): void {
  told = onChange;
  startWith = begin;
  const search = $<HTMLInputElement>('search');
  let timer: ReturnType<typeof setTimeout> | undefined;
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void find(search.value), kSearchAfterMs);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !search.value) return;
    event.stopPropagation();
    endSearch();
  });
  const theme = $<HTMLSelectElement>('theme');
  theme.value = chosenTheme();
  theme.addEventListener('change', () => chooseTheme(theme.value as Theme));
  $('delete-cancel').addEventListener('click', () => $<HTMLDialogElement>('delete-dialog').close());
}

export function endSearch(): void {
  $<HTMLInputElement>('search').value = '';
  void find('');
}

async function find(query: string): Promise<void> {
  const results = $('results');
  const on = query.trim() !== '';
  results.hidden = !on;
  $('chats').hidden = on;
  $('projects-box').hidden = on || !$('projects').childElementCount;
  if (!on) return;
  try {
    const hits = await call<Hit[]>('GET', `/api/search?q=${encodeURIComponent(query)}`);
    if ($<HTMLInputElement>('search').value !== query) return;
    results.replaceChildren(...hits.map((hit) => make('li', {}, make('a', { href: `#chat=${encodeURIComponent(hit.chat)}&message=${hit.message}` },
      make('strong', { textContent: hit.title || 'New chat' }), make('time', { textContent: shortDate(hit.time) }), excerpt(hit.excerpt, query)))));
    if (!hits.length) results.append(make('li', { className: 'no-hits', textContent: 'Nothing was found.' }));
    $('status').textContent = hits.length === 1 ? '1 message found' : `${hits.length} messages found`;
  } catch (error) {
    results.replaceChildren(make('li', { className: 'no-hits', textContent: (error as Error).message }));
  }
}

/** Without the marks of Markdown, and with what was looked for in them marked. */
function excerpt(text: string, query: string): HTMLElement {
  const words = query.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const parts = plainText(text).split(new RegExp(`(${words.join('|')})`, 'i'));
  return make('span', {}, ...parts.map((part, index) => (index % 2 ? make('mark', { textContent: part }) : part)));
}

/** What waits in a chat; null: nothing. */
export function setWaits(chat: string, waits: Waits | null): void {
  if (waiting.get(chat) === (waits ?? undefined)) return;
  if (waits) waiting.set(chat, waits);
  else waiting.delete(chat);
  showChats(chats, current);
}

export const hasWaits = (chat: string) => waiting.has(chat);

export function setAllWaits(list: { chat: string; kind: Waits }[]): void {
  for (const [chat, waits] of waiting) if (waits !== 'news') waiting.delete(chat);
  for (const { chat, kind } of list) waiting.set(chat, kind);
}

/** How many other chats want something of the person. */
export const othersWaiting = () => [...waiting].filter(([chat, waits]) => chat !== current && waits !== 'run').length;

export const titleOf = (chat: string) => chats.find((known) => known.id === chat)?.title || 'New chat';

export function showChats(list: Chat[], open: string): void {
  current = open;
  begun = begunChats();
  const ids = new Set(list.map((chat) => chat.id));
  // Nothing was sent in these yet, but a person finds again what they began.
  const unsent = [...new Set([open, ...begun])].filter((id) => !ids.has(id));
  chats = [...unsent.map((id) => ({ id, title: '', updated: null })), ...list];
  if (renaming) return;  // the list must not be taken from under somebody who writes in it
  const box = $('chats');
  const focused = box.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.focus : undefined;
  box.replaceChildren(...chats.map(chatItem));
  if (focused) box.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  told();
}

export const knownChats = () => chats.filter((chat) => chat.updated !== null);

export const isKnown = (chat: string) => chats.some((known) => known.id === chat && known.updated !== null);

function chatItem(chat: Chat): HTMLElement {
  const title = chat.title || 'New chat';
  const link = make('a', { href: `#chat=${encodeURIComponent(chat.id)}` }, make('span', { textContent: title, className: 'chat-title' }));
  link.dataset.focus = `a ${chat.id}`;
  const waits = waiting.get(chat.id);
  if (waits && (chat.id !== current || waits !== 'news')) {
    link.append(make('span', { className: `waits is-${waits}` }, make('span', { className: 'visually-hidden', textContent: `, ${kWaits[waits]}` })));
  } else if (chat.id !== current && begun.has(chat.id)) {
    link.append(make('span', { className: 'begun', textContent: 'Draft' }));
  } else if (chat.updated) {
    link.append(make('time', { textContent: shortDate(chat.updated), dateTime: new Date(chat.updated).toISOString() }));
  }
  if (chat.id === current) link.ariaCurrent = 'page';
  const item = make('li', {}, link);
  if (chat.updated === null) return item;
  item.append(tool('Rename', title, chat.id, 'M12.5 4.5l3 3M4 16l.8-3.8 8.9-8.9a1.4 1.4 0 012 0l1 1a1.4 1.4 0 010 2L7.8 15.2z', () => rename(item, chat)),
    tool('Delete', title, chat.id, 'M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6', () => askToDelete(chat)));
  return item;
}

function tool(verb: string, title: string, id: string, path: string, onClick: () => void): HTMLButtonElement {
  const button = makeButton('chat-tool', '', onClick);
  button.ariaLabel = `${verb} “${title}”`;
  button.title = verb;
  button.dataset.focus = `${verb} ${id}`;
  button.append(icon(path));
  return button;
}

function rename(item: HTMLElement, chat: Chat): void {
  renaming = chat.id;
  const field = make('input', { className: 'rename', value: chat.title, maxLength: 100, ariaLabel: 'New name of the chat' });
  const end = async (save: boolean) => {
    if (renaming !== chat.id) return;
    renaming = '';
    const title = field.value.trim();
    if (save && title !== chat.title) {
      try {
        await call('PATCH', `/api/chats/${encodeURIComponent(chat.id)}`, { title });
        if (title) chat.title = title;
      } catch (error) {
        $('status').textContent = (error as Error).message;
      }
    }
    showChats(knownChats(), current);
    $('chats').querySelector<HTMLElement>(`[data-focus="${CSS.escape(`a ${chat.id}`)}"]`)?.focus();
  };
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    void end(event.key === 'Enter');
  });
  field.addEventListener('blur', () => void end(true));
  item.replaceChildren(field);
  field.select();
}

function askToDelete(chat: Chat): void {
  const dialog = $<HTMLDialogElement>('delete-dialog');
  $('delete-name').textContent = chat.title || 'New chat';
  $('delete-problem').textContent = '';
  void tellReminders(chat.id);
  $('delete-confirm').onclick = async () => {
    try {
      await call('DELETE', `/api/chats/${encodeURIComponent(chat.id)}`);
      dialog.close();
      waiting.delete(chat.id);
      forgetBegun(chat.id);
      const rest = knownChats().filter((other) => other.id !== chat.id);
      if (chat.id === current) location.hash = `chat=${encodeURIComponent(rest[0]?.id ?? 'main')}`;
      showChats(rest, current);
    } catch (error) {
      $('delete-problem').textContent = (error as Error).message;
    }
  };
  dialog.showModal();
}

/** What comes in a chat that is deleted comes in another one. */
async function tellReminders(chat: string): Promise<void> {
  const line = $('delete-reminders');
  line.hidden = true;
  line.dataset.chat = chat;
  const { reminders } = await call<{ reminders: number }>('GET', `/api/chats/${encodeURIComponent(chat)}`).catch(() => ({ reminders: 0 }));
  if (line.dataset.chat !== chat) return;
  line.hidden = reminders === 0;
  line.textContent = `${reminders === 1 ? 'One reminder comes' : `${reminders} reminders come`} here. From now on ${reminders === 1 ? 'it comes' : 'they come'} in another chat and ${reminders === 1 ? 'names' : 'name'} this one; /reminders there lists and deletes them.`;
}

let projects: Project[] = [];

/** A task works in that project, which the list of the server may not have yet. */
export function noteProject(slug: string): void {
  if (!projects.some((project) => project.slug === slug)) showProjects([{ slug, about: '', updated: Date.now() }, ...projects]);
}

export function showProjects(list: Project[]): void {
  projects = list;
  $('projects-box').hidden = projects.length === 0 || !$('results').hidden;
  const key = JSON.stringify(projects.map((project) => project.slug));
  if ($('projects').dataset.key === key) return;
  $('projects').dataset.key = key;
  $('projects').replaceChildren(...projects.map((project) => {
    const button = makeButton('project', project.slug, () => startWith(`/dispatch ${project.slug} `));
    button.title = project.about;
    return make('li', {}, button);
  }));
}
