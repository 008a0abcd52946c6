import { Files, failure, inDesktopWindow, stage, type desktop } from '../lib/api';
import { bytes } from '../lib/format';
import { watchTopics } from './changes';

/** tooLarge says why a file cannot be registered, before anything is copied; "" when it can. */
export function tooLarge(name: string, size: number, limit: number): string {
  if (!limit || size <= limit) return '';
  return `${name} tem ${bytes(size)} e passa do limite de ${bytes(limit)} da central. Divida o arquivo ou reduza a resolução da digitalização.`;
}

/** What came of taking files in: those that are here, and why others are not. */
export interface Staged {
  files: desktop.StagedFile[];
  problems: string[];
}

/** Progress hears which file is on its way and how far, from 0 to 1. */
export type Progress = (name: string, done: number) => void;

/** stageFiles takes files of the browser in, one after the other. */
export async function stageFiles(files: readonly File[], limit: number, progress: Progress, signal: AbortSignal): Promise<Staged> {
  const out: Staged = { files: [], problems: [] };
  for (const file of files) {
    const refused = file.size === 0 ? `${file.name} está vazio.` : tooLarge(file.name, file.size, limit);
    if (refused) {
      out.problems.push(refused);
      continue;
    }
    if (signal.aborted) break;
    try {
      progress(file.name, 0);
      out.files.push((await stage(file, (done) => progress(file.name, done), signal)) as desktop.StagedFile);
    } catch (e) {
      if (failure(e).code !== 'canceled') out.problems.push(failure(e).message);
    }
  }
  return out;
}

/** gathered is what came of files that the desk took in by itself. */
function gathered(answer: desktop.Gathered): Staged {
  return { files: answer.files ?? [], problems: answer.problems ?? [] };
}

/** stagePaths takes files dropped on the desktop window in; the desk says how far it is. */
export async function stagePaths(paths: string[], progress: Progress): Promise<Staged> {
  return followed(() => Files.StagePaths(paths), progress);
}

/** pickNatively shows the system's file dialog and takes in what was chosen. */
export async function pickNatively(progress: Progress): Promise<Staged> {
  return followed(() => Files.Pick(), progress);
}

/** stopTaking ends what stagePaths and pickNatively are at; files that are whole stay. */
export function stopTaking(): void {
  void Files.StopTaking().catch(() => undefined);
}

async function followed(act: () => Promise<desktop.Gathered>, progress: Progress): Promise<Staged> {
  let over = false;
  const stop = watchTopics(['files'], () => {
    Files.Taking().then(
      (t) => {
        if (!over && t.name) progress(t.name, t.total ? t.done / t.total : 0);
      },
      () => undefined,
    );
  });
  try {
    return gathered(await act());
  } catch (e) {
    return { files: [], problems: [failure(e).message] };
  } finally {
    over = true;
    stop();
  }
}

/** canPickNatively tells whether the system's own file dialog is there. */
export const canPickNatively = inDesktopWindow;
