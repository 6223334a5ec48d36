// Files on their way to the server: chosen, dropped or pasted, sent in pieces that a request can hold.

import { $, make, makeButton } from '../shared/dom.js';
import { ApiError, call } from './api.js';
import { fileSize } from './message.js';

const kPieceBytes = 512 * 1024;
const kTries = 4;

export interface Attached {
  name: string;
  size: number;
  /** The server's id; empty while it is on its way. */
  id: string;
  error: string;
}

let files: Attached[] = [];
let maxBytes = 0;
let changed = () => {};

/** `onChange` is called whenever a file came, went or arrived. */
export function startAttaching(onChange: () => void): void {
  changed = onChange;
  const chooser = $<HTMLInputElement>('file-chooser');
  $('attach').addEventListener('click', () => chooser.click());
  chooser.addEventListener('change', () => {
    attach([...chooser.files ?? []]);
    chooser.value = '';
  });
  $('message').addEventListener('paste', (event) => {
    const pasted = [...event.clipboardData?.files ?? []];
    // Office programs put a picture of the text beside it; the text is what was meant.
    if (!pasted.length || event.clipboardData?.getData('text/plain')) return;
    event.preventDefault();
    attach(pasted);
  });
  let depth = 0;  // entering a child leaves its parent
  const carries = (event: DragEvent) => event.dataTransfer?.types.includes('Files');
  const show = (on: boolean) => { $('drop').hidden = !on; };
  addEventListener('dragenter', (event) => { if (carries(event)) { depth += 1; show(true); } });
  addEventListener('dragleave', (event) => { if (carries(event) && --depth <= 0) { depth = 0; show(false); } });
  addEventListener('dragover', (event) => { if (carries(event)) event.preventDefault(); });
  addEventListener('drop', (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    attach([...event.dataTransfer?.files ?? []]);
  });
}

export function setMaxFile(bytes: number): void {
  maxBytes = bytes;
  $('attach').hidden = bytes === 0;
}

export const attached = () => files.filter((file) => file.id && !file.error);
export const isAttaching = () => files.some((file) => !file.id && !file.error);

export function clearAttached(): void {
  files = [];
  showAttached();
}

function attach(list: File[]): void {
  for (const file of list) {
    const entry: Attached = { name: file.name || 'pasted file', size: file.size, id: '', error: '' };
    files.push(entry);
    if (maxBytes && file.size > maxBytes) entry.error = `This file is too large: the limit is ${fileSize(maxBytes)}.`;
    else upload(file, entry).then(showAttached, (error) => { entry.error = (error as Error).message; showAttached(); });
  }
  showAttached();
}

async function upload(file: File, entry: Attached): Promise<void> {
  let id = '';
  let at = 0;
  do {
    const piece = file.slice(at, at + kPieceBytes);
    const query = id ? `file=${id}&at=${at}` : `name=${encodeURIComponent(entry.name)}&type=${encodeURIComponent(file.type)}`;
    id = (await patiently(() => call<{ file: string }>('POST', `/api/files?${query}`, piece))).file;
    at += piece.size;
  } while (at < file.size);
  entry.id = id;
}

/** A piece that was stored although its answer was lost is known to the server. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; ++tries) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ApiError) || !error.passes || tries >= kTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    }
  }
}

function showAttached(): void {
  $('attachments').hidden = files.length === 0;
  $('attachments').replaceChildren(...files.map((file) => {
    const remove = makeButton('chip-remove', '×', () => {
      files = files.filter((other) => other !== file);
      showAttached();
      $('message').focus();
    });
    remove.ariaLabel = `Remove ${file.name}`;
    const chip = make('li', { className: 'chip' }, make('span', { className: 'chip-name', textContent: file.name }),
      make('span', { className: 'chip-note', textContent: file.error || (file.id ? fileSize(file.size) : 'sending…') }), remove);
    chip.classList.toggle('bad', Boolean(file.error));
    return chip;
  }));
  changed();
}
