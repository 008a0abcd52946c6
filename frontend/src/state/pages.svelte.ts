import { failure } from '../lib/api';

/** Lines read at a time. */
export const pageSize = 200;

/** What a list is read from: a window of lines and the size of the whole. */
export interface Window<T> {
  total: number;
  lines: T[];
}

/**
 * A long list of which only the pages in view are read. Refreshing reads those
 * pages again and keeps the old lines in view meanwhile; the others are forgotten.
 */
export class PagedList<T> {
  total = $state(0);
  /** True once the first answer is there. */
  ready = $state(false);
  problem = $state('');
  #pages = $state.raw(new Map<number, T[]>());
  #wanted = new Set<number>();
  #running = new Set<number>();
  #round = 0;
  #load: (offset: number, limit: number) => Promise<Window<T>>;

  constructor(load: (offset: number, limit: number) => Promise<Window<T>>) {
    this.#load = load;
  }

  /** at gives a line, or undefined while it is not read. */
  at(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  /** lines are all that are read now, in order. */
  lines(): T[] {
    return [...this.#pages.entries()].sort((a, b) => a[0] - b[0]).flatMap(([, lines]) => lines);
  }

  /** show says which lines are in view; pages missing for it are read. */
  show(first: number, last: number): void {
    const from = Math.floor(Math.max(0, first) / pageSize);
    const to = Math.floor(Math.max(0, last) / pageSize);
    this.#wanted = new Set(Array.from({ length: to - from + 1 }, (_, i) => from + i));
    for (const page of this.#wanted) {
      if (!this.#pages.has(page) && !this.#running.has(page)) void this.#read(page, this.#round);
    }
  }

  /** refresh reads what is in view again; restart also drops what was read, for another query. */
  async refresh(restart = false): Promise<void> {
    const round = ++this.#round;
    this.#running.clear();
    if (restart) {
      this.#wanted = new Set([0]);
      this.#pages = new Map();
    }
    if (!this.#wanted.size) this.#wanted.add(0);
    const kept = new Set(this.#wanted);
    await Promise.all([...kept].map((page) => this.#read(page, round)));
    if (round !== this.#round) return;
    this.#pages = new Map([...this.#pages].filter(([page]) => kept.has(page) || this.#wanted.has(page)));
  }

  async #read(page: number, round: number): Promise<void> {
    this.#running.add(page);
    try {
      const answer = await this.#load(page * pageSize, pageSize);
      if (round !== this.#round) return;
      this.total = answer.total;
      this.#pages = new Map(this.#pages).set(page, answer.lines ?? []);
      this.problem = '';
    } catch (e) {
      if (round === this.#round) this.problem = failure(e).message;
    } finally {
      if (round === this.#round) {
        this.#running.delete(page);
        this.ready = true;
      }
    }
  }
}
