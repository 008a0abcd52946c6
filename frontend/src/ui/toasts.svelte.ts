/** A short message that something happened; those of errors stay until they are closed. */
export interface Toast {
  id: number;
  tone: 'success' | 'info' | 'warning' | 'error';
  message: string;
  /** An act offered with it, such as "Desfazer". */
  action?: { label: string; act: () => void };
}

const shown = $state<Toast[]>([]);
const maxShown = 4;
let next = 1;

/** toasts is what stands in the corner now, oldest first. */
export function toasts(): readonly Toast[] {
  return shown;
}

/** How long a message stays, in milliseconds; one that offers an act stays longer. */
const stay = 6_000;
const stayWithAct = 12_000;

/** say shows a message and gives its id; it leaves by itself after some seconds unless it is an error or offers an act. */
export function say(message: string, tone: Toast['tone'] = 'success', action?: Toast['action']): number {
  const id = next++;
  shown.push({ id, tone, message, action });
  while (shown.length > maxShown) shown.shift();
  leave(id, tone, action ? stayWithAct : stay);
  return id;
}

/** amend puts new words in place of a message; one that has left already is said anew only if it is an error. */
export function amend(id: number, message: string, tone: Toast['tone'] = 'success'): void {
  const toast = shown.find((t) => t.id === id);
  if (!toast) {
    if (tone === 'error') say(message, tone);
    return;
  }
  toast.message = message;
  toast.tone = tone;
  leave(id, tone, stay);
}

const timers = new Map<number, number>();

function leave(id: number, tone: Toast['tone'], after: number): void {
  window.clearTimeout(timers.get(id));
  timers.delete(id);
  if (tone !== 'error') timers.set(id, window.setTimeout(() => unsay(id), after));
}

/** unsay takes a message away. */
export function unsay(id: number): void {
  window.clearTimeout(timers.get(id));
  timers.delete(id);
  const at = shown.findIndex((t) => t.id === id);
  if (at >= 0) shown.splice(at, 1);
}
