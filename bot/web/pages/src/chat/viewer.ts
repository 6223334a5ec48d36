// Shows a file of a project, or what a task changed in it, above the chat.

import { $, make, makeButton } from '../shared/dom.js';
import { url } from './api.js';
import { highlight, languageOf } from './highlight.js';
import { copyText } from './message.js';

const dialog = $<HTMLDialogElement>('viewer');
const body = $('viewer-body');

export interface ShownFile {
  dispatch: string;
  path: string;
}

let wanted: ShownFile | null = null;

export function startViewer(): void {
  $('viewer-close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
}

/** Opens the file; what cannot be shown can be downloaded all the same. */
export function openFile(file: ShownFile): void {
  wanted = file;
  $('viewer-title').textContent = file.path;
  const link = $<HTMLAnchorElement>('viewer-download');
  link.href = `/api/files/${url(file.dispatch, file.path)}?download=1`;
  link.download = file.path.slice(file.path.lastIndexOf('/') + 1);
  $('viewer-tools').replaceChildren();
  if (!dialog.open) dialog.showModal();
  void show(file, 'files');
}

async function show(file: ShownFile, what: 'files' | 'diff'): Promise<void> {
  body.replaceChildren(make('p', { className: 'viewer-note', textContent: 'Loading…' }));
  const content = await load(`/api/${what}/${url(file.dispatch, file.path)}`, file.path).catch((error) => note((error as Error).message));
  if (wanted !== file) return;
  body.replaceChildren(content);
  body.scrollTop = 0;
  const tools = [];
  if (content instanceof HTMLPreElement) {
    const copy: HTMLButtonElement = makeButton('action quiet', 'Copy', () => void copyText(content, copy));
    tools.push(copy);
  }
  const other = what === 'files' ? 'diff' : 'files';
  tools.push(makeButton('action quiet', other === 'diff' ? 'Changes' : 'Whole file', () => void show(file, other)));
  $('viewer-tools').replaceChildren(...tools);
}

const note = (sentence: string) => make('p', { className: 'viewer-note', textContent: sentence });

async function load(path: string, name: string): Promise<HTMLElement> {
  const response = await fetch(path, { cache: 'no-store' }).catch(() => { throw new Error('Frontdesk cannot be reached right now.'); });
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.error ?? 'This file cannot be shown.');
  if (type.startsWith('image/')) return make('img', { src: path, alt: `Picture ${name}` });
  if (!type.startsWith('text/')) return note('This kind of file cannot be shown here. You can download it.');
  const text = await response.text();
  if (!text) return note('This file is empty.');
  const code = make('code', { textContent: text });
  highlight(code, path.startsWith('/api/diff/') ? 'diff' : languageOf(name));
  // Words wrap, code does not.
  const prose = !path.startsWith('/api/diff/') && ['', 'md', 'markdown'].includes(languageOf(name));
  return make('pre', { tabIndex: 0, className: prose ? 'prose' : '' }, code);
}
