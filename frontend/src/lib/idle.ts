import { Session } from './api';

/** How often at most the desk hears that its servant is there. */
const TOUCH_EVERY_MS = 30_000;

/**
 * reportPresence tells the desk of input in the window, so that it locks itself only when
 * nobody is there. It returns what stops it.
 */
export function reportPresence(target: Window = window, now: () => number = Date.now): () => void {
  let last = -Infinity;
  const touch = () => {
    if (now() - last < TOUCH_EVERY_MS) return;
    last = now();
    void Session.Touch().catch(() => undefined);
  };
  const kinds = ['pointerdown', 'keydown', 'wheel'] as const;
  for (const kind of kinds) target.addEventListener(kind, touch, { passive: true, capture: true });
  return () => {
    for (const kind of kinds) target.removeEventListener(kind, touch, { capture: true });
  };
}

/**
 * reportFirstInput tells the desk once that a field of the first screen took what was typed: the
 * window is usable from then on. It returns what stops it.
 */
export function reportFirstInput(target: Window = window): () => void {
  const taken = () => {
    stop();
    void Session.FirstInput().catch(() => undefined);
  };
  const stop = () => target.removeEventListener('input', taken, { capture: true });
  target.addEventListener('input', taken, { passive: true, capture: true });
  return stop;
}
