// The list of commands that opens above the message box while a command is being written.

import { $, make } from '../shared/dom.js';
import type { Command } from './types.js';

const input = $<HTMLTextAreaElement>('message');
const list = $('commands');

let commands: Command[] = [];
let shown: Command[] = [];
let chosen = 0;
let put: (text: string) => void = () => {};

/** `replace` puts another text into the message box. */
export function startCommands(replace: (text: string) => void): void {
  put = replace;
  input.addEventListener('blur', () => close());
}

export function setCommands(all: Command[]): void {
  commands = all;
}

export function suggestCommands(): void {
  const word = /^\/([a-z]*)$/i.exec(input.value)?.[1]?.toLowerCase();
  shown = word === undefined ? [] : commands.filter((command) => command.name.slice(1).startsWith(word));
  chosen = 0;
  show();
}

/** Whether the key was for the list. */
export function onCommandKey(event: KeyboardEvent): boolean {
  if (list.hidden || event.isComposing) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    chosen = (chosen + step + shown.length) % shown.length;
    show();
  } else if (event.key === 'Escape') {
    close();
  } else if (event.key === 'Tab' && !event.shiftKey) {
    take(shown[chosen]!);
  } else if (event.key === 'Enter' && !event.shiftKey && input.value !== shown[chosen]!.name) {
    take(shown[chosen]!);
  } else {
    if (event.key === 'Enter') close();
    return false;
  }
  event.preventDefault();
  event.stopPropagation();
  return true;
}

function take(command: Command): void {
  put(command.usage.includes(' ') ? `${command.name} ` : command.name);
  close();
}

function close(): void {
  shown = [];
  show();
}

function show(): void {
  list.hidden = shown.length === 0;
  list.replaceChildren(...shown.map((command, index) => {
    const option = make('li', { id: `command-${index}`, role: 'option', ariaSelected: String(index === chosen) },
      make('strong', { textContent: command.usage }), make('span', { textContent: command.about }));
    option.addEventListener('pointerdown', (event) => { event.preventDefault(); take(command); });
    return option;
  }));
  if (shown.length) input.setAttribute('aria-activedescendant', `command-${chosen}`);
  else input.removeAttribute('aria-activedescendant');
  list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
}
