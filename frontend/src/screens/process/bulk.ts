import { failure, type desktop } from '../../lib/api';
import { plural } from '../../lib/format';
import { follow, queued } from '../../state/acts';
import { amend, say } from '../../ui';

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
  const entries: string[] = [];
  const doubts: string[] = [];
  for (const target of targets) {
    try {
      last = await act(target.id);
      entries.push(last.id);
      if (last.warning) doubts.push(last.warning);
    } catch (e) {
      failed.push(targets.length > 1 ? `${target.number}: ${failure(e).message}` : failure(e).message);
    }
  }
  const went = targets.length - failed.length;
  if (last && targets.length === 1) queued(done, last);
  else if (went > 0) {
    const words = `${done} ${plural(went, 'processo', 'processos')}.`;
    const toast = say(`${words} ${doubts[0] ?? last?.message ?? ''}`.trim(), doubts.length ? 'warning' : 'success');
    if (!doubts.length) follow(entries, (fates) => tell(toast, words, fates));
  }
  return failed.join('\n');
}

/** tell says what the central made of an act on many. */
function tell(toast: number, words: string, fates: desktop.QueueView[]): void {
  const refused = fates.filter((f) => f.state === 'refused').length;
  if (refused) amend(toast, `${words} ${plural(refused, 'foi recusado', 'foram recusados')}: veja em Recusados pela central.`, 'error');
  else if (fates.every((f) => f.state === 'accepted')) amend(toast, `${words} A central confirmou.`);
}

/** nameTargets writes for a dialog which processes it is about. */
export function nameTargets(targets: readonly Target[]): string {
  return targets.length === 1 ? (targets[0]?.number ?? '') : plural(targets.length, 'processo', 'processos');
}
