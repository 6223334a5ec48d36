// What the page's API gives (bot/web/page_data.cpp), and what the page keeps beside it.

export interface Action {
  id: string;
  label: string;
  style: string;
  /** What a click does: store::ButtonKind. */
  kind?: string;
}

export interface FileChange {
  path: string;
  change?: string;
  added?: number;
  removed?: number;
}

export interface Dispatch {
  id: string;
  slug: string;
  state: string;
  outcome: string | null;
  /** Set on the card of a question: what became of it. */
  asks?: string;
  /** Of a question: permission, question or plan. */
  about?: string;
  /** A command that may be allowed in another form. */
  editable?: boolean;
  files?: FileChange[];
  /** The result is in a later message. */
  below?: boolean;
}

export interface Message {
  id: number;
  author: string;
  /** Of a message of the person: what it was sent under. */
  key?: string | null;
  text: string;
  html: string;
  time: number;
  edited: number | null;
  actions: Action[];
  dispatch: Dispatch | null;
  /** What the person sent along. */
  files?: { name: string; size: number | null }[];
}

/** What is going on in a chat; `news`: something came that nobody has looked at. */
export type Waits = 'approval' | 'question' | 'run' | 'news';

export interface Hit {
  chat: string;
  title: string;
  message: number;
  time: number;
  excerpt: string;
}

export interface Project {
  slug: string;
  about: string;
  updated: number;
}

export interface Command {
  name: string;
  usage: string;
  about: string;
}

/** The answer that is being written, all of it so far. */
export interface Draft {
  turn: number;
  n?: number;
  text: string;
  html: string;
}

export interface Chat {
  id: string;
  title: string;
  updated: number | null;
  /** The id of the last message, where it is not the person's own. */
  said_last?: number | null;
}

export interface Example {
  label: string;
  text: string;
}

export interface State {
  /** Who asks. */
  me?: string;
  demo: boolean;
  version: string;
  model: string;
  chat: string;
  examples: Example[];
  chats: Chat[];
  messages: Message[];
  more: boolean;
  thinking: boolean;
  commands?: Command[];
  projects?: Project[];
  waiting?: { chat: string; kind: Waits }[];
  max_file?: number;
  /** The server's time. */
  now?: number;
  stream?: Draft | null;
  /** The person's own, where they have one, and the one of everybody else. */
  time_zone?: string | null;
  usual_time_zone?: string;
}

export interface Older {
  messages: Message[];
  more: boolean;
}

/** Of any chat of the person: `chat` says of which. */
export type ChatEvent = { chat: string } & (
  | { type: 'message'; message: Message; waits?: Waits | null; turn?: number }
  | ({ type: 'stream' } & Draft)
  | { type: 'withdrawn'; turn: number }
  | { type: 'progress'; dispatch: string; files: FileChange[] }
  | { type: 'thinking'; on: boolean }
  | { type: 'deleted' }
  | { type: 'chats'; chats: Chat[]; projects?: Project[] });

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
  filesShown?: string;
  actionsShown?: string;
}

/** A message that is not stored yet. */
export interface Unsent {
  chat: string;
  id: string;
  text: string;
  files?: { id: string; name: string; size: number }[];
  error: string;
  /** It is sent again by itself when the connection is back. */
  passes?: boolean;
  busy: boolean;
}

export interface View {
  chat: string;
  messages: Map<number, Entry>;
  more: boolean;
  loadingOlder: boolean;
  older?: Promise<void>;
  refreshing: number;
  held: ChatEvent[];
  /** What runs have written so far, by the id of the dispatch. */
  written: Map<string, FileChange[]>;
  /** The message that a search led to. */
  wanted?: number;
  following: boolean;
  loaded: boolean;
  /** How many messages of it are not stored yet. */
  unsent: number;
  outboxShown?: string;
}
