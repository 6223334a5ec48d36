// The review queue on the page: which turn is judged now, what is kept for later, how far it is.

import { batch, signal } from '@preact/signals';
import { get, sentence } from '../api.js';
import { follow } from '../live.js';
import { judge } from '../log/verdicts.js';
import type { Review, ReviewItem, Verdict } from '../log/types.js';

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
  readonly last = signal<{ id: number; verdict: Verdict } | null>(null);
  #more = false;
  #loading = false;
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
    try {
      const page = await get<Review>('/review', { limit: kPage });
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
    }
  }

  give(verdict: Verdict): void {
    const [current] = this.items.value;
    if (!current) return;
    const note = this.note.value.trim();
    this.#sent.add(current.id);
    batch(() => {
      this.last.value = { id: current.id, verdict };
      this.refusal.value = '';
      this.note.value = '';
      this.judged.value += 1;
      this.items.value = this.items.value.slice(1);
    });
    judge(current.id, verdict, note).catch((error) => this.#takeBack(current, note, sentence(error)));
    if (this.#more && this.items.value.length < kFew) void this.load();
  }

  later(): void {
    const [current, ...others] = this.items.value;
    if (!current) return;
    this.#later.add(current.id);
    batch(() => {
      this.last.value = null;
      this.note.value = '';
      this.items.value = [...others, current];
    });
  }

  #takeBack(item: ReviewItem, note: string, problem: string): void {
    this.#sent.delete(item.id);
    batch(() => {
      this.last.value = null;
      this.refusal.value = problem;
      this.note.value = note;
      this.judged.value -= 1;
      this.items.value = [item, ...this.items.value];
    });
  }

  /** What was left for later comes last. */
  #inOrder(items: ReviewItem[]): ReviewItem[] {
    return [...items.filter((item) => !this.#later.has(item.id)), ...items.filter((item) => this.#later.has(item.id))];
  }
}
