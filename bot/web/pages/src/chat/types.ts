// What the page's API gives (bot/web/page_data.cpp), and what the page keeps beside it.

export interface Action {
  id: string;
  label: string;
  style: string;
}

export interface Dispatch {
  id: string;
  slug: string;
  state: string;
  outcome: string | null;
  /** Set on the card of a question: what became of it. */
  asks?: string;
}

export interface Message {
  id: number;
  author: string;
  text: string;
  html: string;
  time: number;
  edited: number | null;
  actions: Action[];
  dispatch: Dispatch | null;
}

export interface Chat {
  id: string;
  title: string;
  updated: number | null;
}

export interface Example {
  label: string;
  text: string;
}

export interface State {
  demo: boolean;
  version: string;
  model: string;
  chat: string;
  examples: Example[];
  chats: Chat[];
  messages: Message[];
  more: boolean;
  thinking: boolean;
}

export interface Older {
  messages: Message[];
  more: boolean;
}

export type ChatEvent =
  | { type: 'message'; message: Message }
  | { type: 'thinking'; on: boolean }
  | { type: 'chats'; chats: Chat[] };

export interface Click {
  id: string;
  action: string;
  busy: boolean;
  error: string;
}

/** A message on show. */
export interface Entry {
  article: HTMLElement;
  message: Message;
  click: Click | null;
  shown?: string;
  actionsShown?: string;
}

/** A message that is not stored yet. */
export interface Unsent {
  chat: string;
  id: string;
  text: string;
  error: string;
  busy: boolean;
}

export interface View {
  chat: string;
  messages: Map<number, Entry>;
  more: boolean;
  loadingOlder: boolean;
  refreshing: number;
  held: Message[];
  following: boolean;
  loaded: boolean;
  height?: number;
  outboxShown?: string;
}
