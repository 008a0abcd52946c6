// What happens after the servant asked for something: it is said in words
// whether it waits, and a doubt about it is never swallowed.
import { Outbox, failure, type desktop } from '../lib/api';
import { amend, say } from '../ui';
import { watchTopics } from './changes';

/** How long a message about an act follows what becomes of it, in milliseconds. */
const followFor = 30_000;

/** queued tells that an act was accepted into the outbox, and then what the central made of it. */
export function queued(done: string, answer: desktop.Queued): void {
  if (answer.warning) {
    say(`${done} ${answer.warning}`, 'warning');
    return;
  }
  const toast = say([done, answer.message].filter(Boolean).join(' '));
  follow([answer.id], ([fate]) => {
    if (fate?.state === 'refused') amend(toast, `A central recusou: ${fate.reason} O que foi feito está guardado em Recusados pela central.`, 'error');
    else if (fate?.state === 'accepted') amend(toast, `${done} A central confirmou.`);
  });
}

/** follow calls back once, when none of the entries waits any more; it gives up quietly after a while. */
export function follow(entries: readonly string[], ended: (fates: desktop.QueueView[]) => void): void {
  const ids = entries.filter(Boolean);
  if (!ids.length) return;
  let over = false;
  const stop = watchTopics(['outbox', 'session'], () => void look());
  const late = window.setTimeout(end, followFor);

  function end() {
    over = true;
    stop();
    window.clearTimeout(late);
  }

  async function look() {
    try {
      const fates = (await Outbox.Fates(ids)) ?? [];
      if (over || fates.some((e) => e.state === 'queued' || e.state === 'sending')) return;
      end();
      ended(fates);
    } catch {
      // The account was closed; nothing is left to tell.
      end();
    }
  }
  void look();
}

/** attempt runs an act and gives its failure as a sentence, or "" when it went well. */
export async function attempt(act: () => Promise<void>): Promise<string> {
  try {
    await act();
    return '';
  } catch (e) {
    return failure(e).message;
  }
}

/** tried runs an act whose failure is shown in the corner. */
export async function tried(act: () => Promise<void>): Promise<boolean> {
  const problem = await attempt(act);
  if (problem) say(problem, 'error');
  return problem === '';
}
