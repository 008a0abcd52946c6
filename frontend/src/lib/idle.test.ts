import { afterEach, expect, test, vi } from 'vitest';

const touch = vi.fn(() => Promise.resolve());
const firstInput = vi.fn(() => Promise.resolve());
vi.mock('./api', () => ({ Session: { Touch: touch, FirstInput: firstInput } }));

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

test('the first text that a field takes is told once', async () => {
  const { reportFirstInput } = await import('./idle');
  const stop = reportFirstInput(window);
  window.dispatchEvent(new KeyboardEvent('keydown'));
  expect(firstInput).not.toHaveBeenCalled();
  window.dispatchEvent(new Event('input'));
  window.dispatchEvent(new Event('input'));
  expect(firstInput).toHaveBeenCalledTimes(1);
  stop();
});
