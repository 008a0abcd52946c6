import { Files, failure, inDesktopWindow, stage, type desktop } from '../lib/api';
import { bytes } from '../lib/format';

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

/** stageFiles takes files of the browser in, one after the other. */
export async function stageFiles(files: readonly File[], limit: number, progress: (name: string, done: number) => void, signal: AbortSignal): Promise<Staged> {
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

/** stagePaths takes files dropped on the desktop window in. */
export async function stagePaths(paths: string[]): Promise<Staged> {
  const out: Staged = { files: [], problems: [] };
  for (const path of paths) {
    try {
      out.files.push(...(await Files.StagePaths([path])));
    } catch (e) {
      out.problems.push(failure(e).message);
    }
  }
  return out;
}

/** canPickNatively tells whether the system's own file dialog is there. */
export const canPickNatively = inDesktopWindow;
