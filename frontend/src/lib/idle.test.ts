import { afterEach, expect, test, vi } from 'vitest';

const touch = vi.fn(() => Promise.resolve());
vi.mock('./api', () => ({ Session: { Touch: touch } }));

afterEach(() => touch.mockClear());

test('input tells the desk that somebody is there, at most twice a minute', async () => {
  const { reportPresence } = await import('./idle');
  let clock = 0;
  const stop = reportPresence(window, () => clock);
  window.dispatchEvent(new KeyboardEvent('keydown'));
  window.dispatchEvent(new KeyboardEvent('keydown'));
  expect(touch).toHaveBeenCalledTimes(1);
  clock = 30_000;
  window.dispatchEvent(new Event('wheel'));
  expect(touch).toHaveBeenCalledTimes(2);
  stop();
  clock = 90_000;
  window.dispatchEvent(new KeyboardEvent('keydown'));
  expect(touch).toHaveBeenCalledTimes(2);
});
