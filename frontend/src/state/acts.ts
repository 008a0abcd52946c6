// What happens after the servant asked for something: it is said in words
// whether it waits, and a doubt about it is never swallowed.
import { failure, type desktop } from '../lib/api';
import { say } from '../ui';

/** queued tells that an act was accepted into the outbox. */
export function queued(done: string, answer: desktop.Queued): void {
  if (answer.warning) say(`${done} ${answer.warning}`, 'warning');
  else say([done, answer.message].filter(Boolean).join(' '));
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
