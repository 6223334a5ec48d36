// One message on the page. Nothing here knows of the chat around it or of the server.

import { $, fullFormat, make, makeButton, part, timeFormat } from '../shared/dom.js';
import { highlight } from './highlight.js';
import { patch } from './patch.js';
import type { Dispatch, Entry, FileChange } from './types.js';
import { openFile } from './viewer.js';

/** What became of something that the specialist asked. */
const kAnswers: Record<string, string> = {
  open: 'Waiting for you', allowed: 'Allowed', allowed_for_task: 'Allowed for this task', denied: 'Denied', answered: 'Answered', expired: 'Expired', changed: 'Changes requested',
};

const kOutcomes: Record<string, string> = {
  success: 'Done', error: 'Failed', blocked: 'Blocked', timeout: 'Timed out', cancelled: 'Cancelled', interrupted: 'Interrupted', joined: 'Added',
};

/** Builds the empty article; update() fills it, at first and on every change. */
export function createArticle(author: string, time: number): HTMLElement {
  const article = $<HTMLTemplateElement>('message-template').content.firstElementChild!.cloneNode(true) as HTMLElement;
  const name = author === 'user' ? 'You' : 'Frontdesk';
  article.classList.add(author === 'user' ? 'from-user' : 'from-assistant');
  part(article, '.author').textContent = name;
  showTime(article, time);
  return article;
}

export function showTime(article: HTMLElement, time: number): void {
  const clock = part<HTMLTimeElement>(article, 'time');
  const iso = new Date(time).toISOString();
  if (clock.dateTime === iso) return;
  clock.dateTime = iso;
  clock.title = fullFormat.format(time);
  clock.textContent = timeFormat.format(time);
  article.setAttribute('aria-label', `${part(article, '.author').textContent}, ${timeFormat.format(time)}`);
}

/** Those whose change would have taken the reader's selection away. */
const held = new Map<HTMLElement, Entry>();
document.addEventListener('selectionchange', () => [...held.values()].forEach(showText));

/** Changes what is different and nothing else. What would take a selection away waits until there is none. */
export function showText(entry: Entry): void {
  const { article, message } = entry;
  const failed = message.dispatch?.state === 'finished' && !message.dispatch.asks && message.dispatch.outcome === 'error';
  const source = (failed ? 'failed ' : '') + (message.author === 'user' ? message.text : message.html);
  held.delete(article);
  if (entry.shown === source) return;
  const wanted = make('template');
  if (message.author === 'user') {
    wanted.content.append(message.text);
  } else {
    wanted.innerHTML = message.html;  // the only markup the page trusts: rendered and made safe by the server
    dress(wanted.content);
    if (failed) foldDetails(wanted.content);
  }
  if (patch(part(article, '.text'), wanted.content)) entry.shown = source;
  else if (article.isConnected) held.set(article, entry);
}

/** A sentence is read there; this is more than one. */
const kLongestSentence = 240;

/** Of a task that failed its headline says enough: what was said by programs is looked at by whoever wants to. */
function foldDetails(box: DocumentFragment): void {
  const headline = box.firstElementChild;
  const details = make('details', {}, make('summary', { textContent: 'Details' }));
  if (headline && (headline.textContent ?? '').length > kLongestSentence) {
    details.append(headline.cloneNode(true));
    const name = headline.querySelector('strong');
    headline.replaceChildren(...(name ? [name, ' '] : []), 'It ended with an error.');
  }
  details.append(...[...box.childNodes].slice(headline ? [...box.childNodes].indexOf(headline) + 1 : 0));
  if (details.textContent!.trim() !== 'Details') box.append(details);
}

/** Adds to the server's markup what needs a script: copy buttons, scroll boxes, links in a new tab. */
function dress(box: DocumentFragment): void {
  for (const link of box.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  for (const table of box.querySelectorAll('table')) {
    const wrapper = make('div', { className: 'table', tabIndex: 0, role: 'group', ariaLabel: 'Table' });
    table.replaceWith(wrapper);
    wrapper.append(table);
  }
  for (const pre of box.querySelectorAll('pre')) {
    const language = /language-([\w+#.-]+)/.exec(pre.firstElementChild?.className ?? '')?.[1] ?? '';
    const wrapper = make('div', { className: 'code' });
    // What is shown may be changed in place, so the code is looked for when it is wanted.
    const copy: HTMLButtonElement = makeButton('copy', 'Copy', () => copyText(copy.closest('.code')!.querySelector('pre')!, copy));
    pre.tabIndex = 0;  // so that the keyboard can scroll it
    if (pre.firstElementChild) highlight(pre.firstElementChild as HTMLElement, language.toLowerCase());
    pre.replaceWith(wrapper);
    wrapper.append(make('div', { className: 'code-bar' }, make('span', { textContent: language }), copy), pre);
  }
}

/** Words of an answer where Markdown is not shown. */
export const plainText = (markdown: string) => markdown.replace(/\*\*|`+|^#+ |^> /gm, '');

/** "999 bytes", "120 kB", "1.0 MB". */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  return bytes < 999500 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const kMostFiles = 12;

/** The files that came along with a message, or that its task has written. */
export function showFiles(entry: Entry, written: FileChange[] | undefined): void {
  const { article, message } = entry;
  const files: FileChange[] = message.dispatch?.below ? [] : message.dispatch?.files?.length ? message.dispatch.files : written ?? [];
  const key = JSON.stringify([message.files, files, message.dispatch?.state]);
  if (entry.filesShown === key) return;
  entry.filesShown = key;
  const box = part(article, '.files');
  const sent = (message.files ?? []).map((file) => make('li', { className: 'chip' }, make('span', { className: 'chip-name', textContent: file.name }),
    make('span', { className: 'chip-note', textContent: file.size === null ? '' : fileSize(file.size) })));
  const made = message.dispatch && !message.dispatch.asks ? files.map((file) => make('li', {}, fileChip(message.dispatch!, file))) : [];
  const more = made.splice(kMostFiles);
  box.hidden = sent.length + made.length === 0;
  box.replaceChildren(...sent, ...made);
  if (more.length) {
    const button = makeButton('action quiet', `${more.length} more`, () => { box.lastElementChild!.replaceWith(...more); });
    box.append(make('li', {}, button));
  }
  if (message.dispatch?.state === 'finished' && files.some((file) => file.change !== 'deleted')) {
    const all = make('a', { className: 'action quiet', href: `/api/files/${encodeURIComponent(message.dispatch.id)}.zip`, textContent: 'Download all', download: '' });
    box.append(make('li', {}, all));
  }
}

const kChanges: Record<string, string> = { created: 'new', changed: 'changed', deleted: 'deleted' };

function fileChip(dispatch: Dispatch, file: FileChange): HTMLElement {
  const lines = [file.added ? `+${file.added}` : '', file.removed ? `−${file.removed}` : ''].filter(Boolean).join(' ');
  const note = file.change ? kChanges[file.change] ?? file.change : lines;
  const parts = [make('span', { className: 'chip-name', textContent: file.path }), make('span', { className: 'chip-note', textContent: note })];
  if (file.change === 'deleted') return make('span', { className: 'chip gone' }, ...parts);
  const button = makeButton('chip', '', () => openFile({ dispatch: dispatch.id, path: file.path }));
  button.append(...parts);
  button.title = `Open ${file.path}`;
  return button;
}

/** `text` is what the source was made of, where it is worth more than what is shown. */
export async function copyText(source: HTMLElement, button: HTMLButtonElement, text?: string): Promise<void> {
  try {
    await navigator.clipboard.writeText((text || source.textContent!).replace(/\n$/, ''));
    $('status').textContent = 'Copied';
    button.textContent = 'Copied';
  } catch {  // no clipboard without a secure context: leave the text selected for the reader
    getSelection()?.selectAllChildren(source);
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
  }
  setTimeout(() => (button.textContent = 'Copy'), 2000);
}

export function showDispatch(article: HTMLElement, dispatch: Dispatch | null): void {
  const asks = dispatch?.asks;
  const working = dispatch !== null && !asks && dispatch.state !== 'finished';
  article.classList.toggle('card', Boolean(dispatch));
  article.classList.toggle('asks', Boolean(asks));
  article.classList.toggle('working', working);
  // A screen reader waits for the end instead of reading every step aloud.
  article.setAttribute('aria-busy', String(working));
  const line = part(article, '.dispatch');
  line.hidden = !dispatch;
  if (!dispatch) return;
  line.title = `Task ${dispatch.id}`;
  part(line, '.slug').textContent = dispatch.slug;
  const badge = part(line, '.badge');
  if (asks) {
    badge.textContent = kAnswers[asks] ?? 'Closed';
    badge.dataset.kind = asks === 'open' ? 'asks' : '';
    return;
  }
  badge.textContent = dispatch.state === 'queued' ? 'Queued' : working ? 'Working' : kOutcomes[dispatch.outcome ?? ''] ?? 'Finished';
  badge.dataset.kind = working ? 'working' : dispatch.outcome ?? '';
}

export function showProblem(article: HTMLElement, sentence: string | undefined, ...buttons: HTMLElement[]): void {
  const problem = part(article, '.problem');
  problem.hidden = !sentence;
  problem.replaceChildren(...(sentence ? [make('span', { textContent: sentence }), ...buttons] : []));
}
