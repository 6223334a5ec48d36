// The review queue on the page: which turn is judged now, what is kept for later, how far it is.

import { batch, signal } from '@preact/signals';
import { get, send, sentence } from '../api.js';
import { words } from '../format.js';
import { follow } from '../live.js';
import { judge } from '../log/verdicts.js';
import type { Review, ReviewItem, Verdict } from '../log/types.js';

interface Given {
  item: ReviewItem;
  verdict: Verdict;
  note: string;
  /** Settled when the server has it, or has refused it. */
  sent: Promise<unknown>;
}

const kFew = 5;
const kPage = 50;

/**
 * A verdict is sent while the next turn is shown already; if it is refused, the turn comes back and the sentence is shown. What a key
 * does follows from the signals at that moment, never from what was drawn before.
 */
export class Queue {
  readonly items = signal<ReviewItem[]>([]);
  readonly loaded = signal(false);
  /** Why there is no list. */
  readonly error = signal('');
  /** Why the last verdict was not taken; it stays until another one is given, whatever is loaded meanwhile. */
  readonly refusal = signal('');
  readonly judged = signal(0);
  readonly total = signal(0);
  /** Goes along with the next verdict. */
  readonly note = signal('');
  /** What happened last, for those who do not see it. */
  readonly said = signal('');
  /** Verdicts of this visit that can be taken back, the last one at the end. */
  readonly given = signal<Given[]>([]);
  #more = false;
  #loading = false;
  /** How many turns came back. */
  #backs = 0;
  readonly #sent = new Set<number>();
  readonly #later = new Set<number>();

  /** From now on it follows the server. Result: ends that. */
  follow(): () => void {
    void this.load();
    return follow(['review', 'decision'], () => void this.load());
  }

  async load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const backs = this.#backs;
    let old = false;
    try {
      const page = await get<Review>('/review', { limit: kPage });
      old = backs !== this.#backs;
      if (old) return;  // it may not know of a turn that is back since it was asked for
      const sent = page.items.filter((item) => this.#sent.has(item.id)).length;  // judged here, and not yet in this answer
      batch(() => {
        const open = page.items.filter((item) => !this.#sent.has(item.id));
        const kept = this.items.value.filter((item) => open.some((fresh) => fresh.id === item.id));
        this.items.value = this.#inOrder([...kept, ...open.filter((item) => !kept.some((known) => known.id === item.id))]);
        this.judged.value = page.judged + sent;
        this.total.value = page.total;
        this.error.value = '';
      });
      this.#more = page.next !== null;
    } catch (error) {
      this.error.value = sentence(error);
    } finally {
      this.#loading = false;
      this.loaded.value = true;
      if (old) void this.load();
    }
  }

  give(verdict: Verdict): void {
    const [current] = this.items.value;
    if (!current) return;
    const note = this.note.value.trim();
    this.#sent.add(current.id);
    const sent = judge(current.id, verdict, note);
    const given = { item: current, verdict, note, sent };
    batch(() => {
      this.judged.value += 1;
      this.said.value = `Decision ${current.id}: ${words(verdict)}. ${this.total.value - this.judged.value} left.`;
      this.refusal.value = '';
      this.note.value = '';
      this.given.value = [...this.given.value, given];
      this.items.value = this.items.value.slice(1);
    });
    sent.catch((error) => this.#bringBack(given, sentence(error)));
    if (this.#more && this.items.value.length < kFew) void this.load();
  }

  /** The last verdict is taken back, and its turn is the one to judge again. */
  async undo(): Promise<void> {
    const last = this.given.value.at(-1);
    if (!last) return;
    this.given.value = this.given.value.slice(0, -1);
    try {
      await last.sent;
    } catch {
      return;  // it was refused, and is back already
    }
    try {
      await send('DELETE', `/decisions/${last.item.id}/verdict`);
      this.#bringBack(last, '');
    } catch (error) {
      batch(() => {
        this.refusal.value = sentence(error);
        this.said.value = '';
      });
    }
  }

  later(): void {
    const [current, ...others] = this.items.value;
    if (!current) return;
    this.#later.add(current.id);
    batch(() => {
      this.said.value = '';
      this.note.value = '';
      this.items.value = [...others, current];
    });
  }

  /** `problem`: why the server did not take it; empty where it was taken back. */
  #bringBack(given: Given, problem: string): void {
    const { item, note } = given;
    this.#sent.delete(item.id);
    this.#later.delete(item.id);
    this.#backs += 1;
    batch(() => {
      this.said.value = problem ? '' : `The verdict on decision ${item.id} is taken back.`;
      this.refusal.value = problem;
      this.note.value = note;
      this.judged.value -= 1;
      this.given.value = this.given.value.filter((other) => other !== given);
      this.items.value = [item, ...this.items.value.filter((other) => other.id !== item.id)];
    });
  }

  /** What was left for later comes last. */
  #inOrder(items: ReviewItem[]): ReviewItem[] {
    return [...items.filter((item) => !this.#later.has(item.id)), ...items.filter((item) => this.#later.has(item.id))];
  }
}
