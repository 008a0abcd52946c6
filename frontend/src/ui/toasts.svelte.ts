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

/** say shows a message; it leaves by itself after some seconds unless it is an error or offers an act. */
export function say(message: string, tone: Toast['tone'] = 'success', action?: Toast['action']): void {
  const id = next++;
  shown.push({ id, tone, message, action });
  while (shown.length > maxShown) shown.shift();
  if (tone !== 'error') window.setTimeout(() => unsay(id), action ? 12_000 : 6_000);
}

/** unsay takes a message away. */
export function unsay(id: number): void {
  const at = shown.findIndex((t) => t.id === id);
  if (at >= 0) shown.splice(at, 1);
}
