// Files on their way to the server: chosen, dropped or pasted, sent in pieces that a request can hold.

import { $, make, makeButton, recall, remember } from '../shared/dom.js';
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

/** Pasted text that is longer is a file of its own: nobody reads it in a message box, and a browser breaks its lines anew at each key. */
const kLongestPaste = 50000;
/** What the server takes as a message, in bytes. */
const kLongestText = 512 * 1024;

/** What waits in each chat; what has arrived is remembered over a reload. */
const waiting = new Map<string, Attached[]>();
let chat = '';
let maxBytes = 0;
let changed = () => {};
let refuse: (sentence: string) => void = () => {};

const here = () => waiting.get(chat) ?? [];

/** Shows what waits in that chat from now on. */
export function showAttachedOf(open: string): void {
  chat = open;
  if (!waiting.has(chat)) waiting.set(chat, recall<Attached[]>(`files.${chat}`, []));
  showAttached();
}

export function forgetAttachedOf(gone: string): void {
  put(gone, []);
}

function put(of: string, files: Attached[]): void {
  waiting.set(of, files);
  const arrived = files.filter((file) => file.id);
  remember(`files.${of}`, arrived.length ? arrived : '');
}

/** What is said of a text that is no message any more; empty where it is one. */
export function tooLong(text: string): string {
  const bytes = text.length > kLongestText / 3 ? new Blob([text]).size : 0;
  return bytes > kLongestText ? `This text has ${fileSize(bytes)}, and a message at most ${fileSize(kLongestText)}. Send it in parts${maxBytes ? ', or as a file' : ''}.` : '';
}

/** `onChange` is called whenever a file came, went or arrived, `complain` with what cannot be taken. */
export function startAttaching(onChange: () => void, complain: (sentence: string) => void): void {
  changed = onChange;
  refuse = complain;
  const chooser = $<HTMLInputElement>('file-chooser');
  $('attach').addEventListener('click', () => chooser.click());
  chooser.addEventListener('change', () => {
    attach([...chooser.files ?? []]);
    chooser.value = '';
  });
  $('message').addEventListener('paste', (event) => {
    const pasted = [...event.clipboardData?.files ?? []];
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text.length > kLongestPaste && maxBytes) {
      event.preventDefault();
      attach([new File([text], 'pasted text.txt', { type: 'text/plain' })]);
      $('status').textContent = 'The text is long, so it goes along as a file.';
      return;
    }
    if (text.length > kLongestText) {
      event.preventDefault();
      refuse(tooLong(text));
      return;
    }
    // Office programs put a picture of the text beside it; the text is what was meant.
    if (!pasted.length || text) return;
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

export const attached = () => here().filter((file) => file.id && !file.error);
export const isAttaching = () => here().some((file) => !file.id && !file.error);

export function clearAttached(): void {
  put(chat, []);
  showAttached();
}

function attach(list: File[]): void {
  const of = chat;
  const shown = () => {
    put(of, waiting.get(of) ?? []);
    if (of === chat) showAttached();
  };
  for (const file of list) {
    const entry: Attached = { name: file.name || 'pasted file', size: file.size, id: '', error: '' };
    waiting.set(of, [...here(), entry]);
    if (maxBytes && file.size > maxBytes) entry.error = `This file is too large: the limit is ${fileSize(maxBytes)}.`;
    else upload(file, entry).then(shown, (error) => { entry.error = (error as Error).message; shown(); });
  }
  showAttached();
}

/** Takes it back, here and on the server. */
function remove(file: Attached): void {
  file.error ||= 'taken back';
  put(chat, here().filter((other) => other !== file));
  showAttached();
  $('message').focus();
  if (file.id) void call('DELETE', `/api/files?file=${file.id}`).catch(() => {});  // or it goes in two days
}

async function upload(file: File, entry: Attached): Promise<void> {
  let id = '';
  let at = 0;
  do {
    const piece = file.slice(at, at + kPieceBytes);
    const query = id ? `file=${id}&at=${at}` : `name=${encodeURIComponent(entry.name)}&type=${encodeURIComponent(file.type)}`;
    if (entry.error) return;  // taken back meanwhile
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
      if (!(error instanceof ApiError) || !error.passes || error.status === 429 || tries >= kTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    }
  }
}

function showAttached(): void {
  const files = here();
  $('attachments').hidden = files.length === 0;
  $('attachments').replaceChildren(...files.map((file) => {
    const button = makeButton('chip-remove', '×', () => remove(file));
    button.ariaLabel = `Remove ${file.name}`;
    const chip = make('li', { className: 'chip' }, make('span', { className: 'chip-name', textContent: file.name }),
      make('span', { className: 'chip-note', textContent: file.error || (file.id ? fileSize(file.size) : 'sending…') }), button);
    chip.classList.toggle('bad', Boolean(file.error));
    return chip;
  }));
  changed();
}
