// A running batch as the desk tells of it, reading by reading.
import { Signing, type desktop } from '../lib/api';
import { watchTopics } from '../state/changes';

/**
 * followBatch shows how the batch stands, now and after every change, until the answer is called.
 * One reading at a time, so that an older one never covers a newer; and none comes through after
 * the end: an answer that was still under way would be shown as that of whatever began since.
 */
export function followBatch(id: string, show: (b: desktop.BatchView) => void): () => void {
  let over = false;
  let reading = false;
  let changed = false;

  const read = async () => {
    changed = true;
    if (reading) return;
    reading = true;
    while (changed && !over) {
      changed = false;
      try {
        const b = await Signing.Batch(id);
        if (!over) show(b);
      } catch {
        // The next change asks again.
      }
    }
    reading = false;
  };

  const unwatch = watchTopics(['signing', 'outbox'], () => void read());
  // Whatever happened before the watch began.
  void read();
  return () => {
    over = true;
    unwatch();
  };
}
