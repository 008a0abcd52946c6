// One stream of "read this again" from the desk, shared by everything that shows data.
import { onChange } from '../lib/api';

type Listener = (topics: readonly string[]) => void;

const listeners = new Set<Listener>();
let stop: (() => void) | null = null;

/** watchTopics calls back when one of the topics changed, until the answer is called. */
export function watchTopics(wanted: readonly string[], callback: () => void): () => void {
  const listener: Listener = (topics) => {
    if (topics.some((t) => wanted.includes(t))) callback();
  };
  listeners.add(listener);
  stop ??= onChange((topics) => listeners.forEach((l) => l(topics)));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      stop?.();
      stop = null;
    }
  };
}
