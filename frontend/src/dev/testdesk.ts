// For unit tests: answers the window's calls with what the test says, and keeps what was asked.
import { vi } from 'vitest';

/** An answer: a value, or what to do with the arguments; thrown failures reach the window. */
export type Answer = unknown;

class Events {
  static open: Events[] = [];
  onmessage: ((e: { data: string }) => void) | null = null;
  constructor() {
    Events.open.push(this);
  }
  close(): void {
    Events.open = Events.open.filter((e) => e !== this);
  }
}

/** desk installs the answers, by "Area/Method", and gives the calls made. */
export function desk(answers: Record<string, Answer>) {
  const calls: { name: string; args: unknown[] }[] = [];
  vi.stubGlobal('EventSource', Events);
  vi.stubGlobal(
    'fetch',
    vi.fn(async (url: string, init: { body: string }) => {
      const name = url.replace(/^\/api\//, '');
      const args = JSON.parse(init.body) as unknown[];
      calls.push({ name, args });
      try {
        const answer = answers[name];
        const value: unknown = typeof answer === 'function' ? await (answer as (...a: unknown[]) => unknown)(...args) : answer;
        return { ok: true, json: async () => structuredClone(value ?? null) };
      } catch (e) {
        return { ok: false, json: async () => e };
      }
    }),
  );
  return {
    calls,
    named: (name: string) => calls.filter((c) => c.name === name),
    /** change tells the window that topics changed. */
    change: (...topics: string[]) => Events.open.forEach((e) => e.onmessage?.({ data: JSON.stringify(topics) })),
  };
}
