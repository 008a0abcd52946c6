import { failure } from '../lib/api';
import { watchTopics } from './changes';

/**
 * Something read from the desk that is read again when one of its topics changes.
 * The old value stays in view until the new one is there; answers that come late
 * are dropped. Create it while a component is set up.
 */
export class Live<T> {
  value = $state.raw<T | null>(null);
  problem = $state('');
  loading = $state(true);
  #asked = 0;
  #latest: Promise<void> = Promise.resolve();
  #load: () => Promise<T>;

  constructor(load: () => Promise<T>, topics: () => readonly string[]) {
    this.#load = load;
    $effect(() => {
      const wanted = topics();
      void this.reload();
      return watchTopics(wanted, () => void this.reload());
    });
  }

  /** reload reads again now; it is done when an answer at least as new as this question is in view. */
  reload(): Promise<void> {
    this.#latest = this.#read(++this.#asked);
    return this.#latest;
  }

  async #read(mine: number): Promise<void> {
    this.loading = true;
    try {
      const value = await this.#load();
      if (mine !== this.#asked) return await this.#latest;
      this.value = value;
      this.problem = '';
    } catch (e) {
      if (mine !== this.#asked) return await this.#latest;
      this.problem = failure(e).message;
    } finally {
      if (mine === this.#asked) this.loading = false;
    }
  }
}
