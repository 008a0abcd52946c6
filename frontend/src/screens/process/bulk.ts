import { failure, type desktop } from '../../lib/api';
import { plural } from '../../lib/format';
import { queued } from '../../state/acts';
import { say } from '../../ui';

/** A process that an act is about. */
export interface Target {
  id: string;
  number: string;
}

/**
 * actOnEach does an act on every process, one after the other, and goes on after a
 * failure. It answers with the failures, each naming its process; "" when none.
 */
export async function actOnEach(targets: readonly Target[], done: string, act: (id: string) => Promise<desktop.Queued>): Promise<string> {
  const failed: string[] = [];
  let last: desktop.Queued | null = null;
  const doubts: string[] = [];
  for (const target of targets) {
    try {
      last = await act(target.id);
      if (last.warning) doubts.push(last.warning);
    } catch (e) {
      failed.push(targets.length > 1 ? `${target.number}: ${failure(e).message}` : failure(e).message);
    }
  }
  const went = targets.length - failed.length;
  if (last && targets.length === 1) queued(done, last);
  else if (went > 0) say(`${done} ${plural(went, 'processo', 'processos')}. ${doubts[0] ?? last?.message ?? ''}`.trim(), doubts.length ? 'warning' : 'success');
  return failed.join('\n');
}

/** nameTargets writes for a dialog which processes it is about. */
export function nameTargets(targets: readonly Target[]): string {
  return targets.length === 1 ? (targets[0]?.number ?? '') : plural(targets.length, 'processo', 'processos');
}
