import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const calls = vi.hoisted(() => ({
  Edit: vi.fn(), RevisionText: vi.fn(), Autosave: vi.fn(), Discard: vi.fn(), Save: vi.fn(), Revisions: vi.fn(),
}));
vi.mock('../lib/api', () => ({ Documents: calls, failure: (e: unknown) => e }));

import { EditorSession, PAUSE } from './session.svelte';

const at = () => new Date('2026-11-23T12:41:00Z');
const same = (text: string) => text;
const view = (more = {}) => ({ text: 'A', base: 'r1', unsaved: false, sides: [], fields: {}, document: {}, ...more });

beforeEach(() => {
  vi.useFakeTimers();
  for (const c of Object.values(calls)) c.mockReset().mockResolvedValue(null);
  calls.Edit.mockResolvedValue(view());
  calls.Revisions.mockResolvedValue([]);
  calls.Save.mockResolvedValue({ base: 'r2', queued: true, message: '' });
});
afterEach(() => void vi.useRealTimers());

async function open(more = {}): Promise<EditorSession> {
  calls.Edit.mockResolvedValue(view(more));
  const s = new EditorSession('p', 'd', at);
  await s.open(same);
  return s;
}

test('the text is kept once per pause, not at each key', async () => {
  const s = await open();
  s.changed('AB');
  await vi.advanceTimersByTimeAsync(PAUSE - 100);
  s.changed('ABC');
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(calls.Autosave.mock.calls).toEqual([['p', 'd', 'r1', 'ABC']]);
  expect(s.words).toBe('Guardado neste computador às 09:41');
  expect(s.dirty).toBe(true);
});

test('going back to the saved text drops what was kept', async () => {
  const s = await open();
  s.changed('AB');
  await vi.advanceTimersByTimeAsync(PAUSE);
  s.changed('A');
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(calls.Discard).toHaveBeenCalledOnce();
  expect(s.dirty).toBe(false);
});

test('a save waits for the keeping before it and the next one continues from its revision', async () => {
  const s = await open();
  let kept: (() => void) | undefined;
  calls.Autosave.mockReturnValue(new Promise<void>((r) => (kept = r)));
  s.changed('AB');
  await vi.advanceTimersByTimeAsync(PAUSE);
  const saving = s.save();
  await vi.advanceTimersByTimeAsync(0);
  expect(calls.Save).not.toHaveBeenCalled();
  kept!();
  await saving;
  expect(calls.Save).toHaveBeenCalledWith('p', 'd', 'r1', 'AB', []);
  expect(s.words).toBe('Salvo às 09:41 · aguardando envio');
  s.changed('ABC');
  await s.save();
  expect(calls.Save).toHaveBeenLastCalledWith('p', 'd', 'r2', 'ABC', []);
});

test('what is typed while a save runs is still kept', async () => {
  const s = await open();
  let saved: ((r: unknown) => void) | undefined;
  calls.Save.mockReturnValue(new Promise((r) => (saved = r)));
  s.changed('AB');
  const saving = s.save();
  await vi.advanceTimersByTimeAsync(0);
  s.changed('ABC');
  saved!({ base: 'r2', queued: true, message: '' });
  await saving;
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(calls.Autosave).toHaveBeenLastCalledWith('p', 'd', 'r2', 'ABC');
});

test('a failed save says so, loses nothing and can be repeated', async () => {
  const s = await open();
  calls.Save.mockRejectedValueOnce({ code: 'x', message: 'O disco está cheio. Libere espaço e grave de novo.' });
  s.changed('AB');
  expect(await s.save()).toBe(false);
  expect(s.problem).toContain('disco está cheio');
  expect(s.dirty).toBe(true);
  expect(await s.save()).toBe(true);
  expect(s.problem).toBe('');
});

test('a recovered text differs from the saved one and can be discarded', async () => {
  calls.RevisionText.mockResolvedValue('A');
  const s = await open({ text: 'AX', unsaved: true });
  expect(s.dirty).toBe(true);
  expect(await s.discard()).toBe('A');
  expect(s.dirty).toBe(false);
});

test('a newer text of the central is told, our own revisions are not', async () => {
  const s = await open();
  calls.Revisions.mockResolvedValue([{ id: 'r1', head: true }]);
  await s.look();
  expect(s.newer).toBeNull();
  calls.Revisions.mockResolvedValue([{ id: 'r9', head: true, author: 'Ana' }, { id: 'r1' }]);
  await s.look();
  expect(s.newer?.id).toBe('r9');
});

test('keeping mine over a newer text continues from it', async () => {
  const s = await open();
  s.changed('AB');
  s.continueFrom('r9', 'Z');
  await s.save();
  expect(calls.Save).toHaveBeenCalledWith('p', 'd', 'r9', 'AB', []);
});

test('a side revision stays announced until the save that joins it', async () => {
  const s = await open({ sides: [{ id: 's1', author: 'João', side: true }] });
  s.merge('s1');
  s.merge('s1');
  await s.save();
  expect(calls.Save).toHaveBeenCalledWith('p', 'd', 'r1', 'A', ['s1']);
  expect(s.sides).toEqual([]);
  expect(s.merging).toEqual([]);
});
