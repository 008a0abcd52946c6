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
  #load: () => Promise<T>;

  constructor(load: () => Promise<T>, topics: () => readonly string[]) {
    this.#load = load;
    $effect(() => {
      const wanted = topics();
      void this.reload();
      return watchTopics(wanted, () => void this.reload());
    });
  }

  /** reload reads again now. */
  async reload(): Promise<void> {
    const mine = ++this.#asked;
    this.loading = true;
    try {
      const value = await this.#load();
      if (mine !== this.#asked) return;
      this.value = value;
      this.problem = '';
    } catch (e) {
      if (mine === this.#asked) this.problem = failure(e).message;
    } finally {
      if (mine === this.#asked) this.loading = false;
    }
  }
}
