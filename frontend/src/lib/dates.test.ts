import { expect, test } from 'vitest';
import { slashed, typedDay } from './dates';

test('a date is read as it is written here: day, month, year', () => {
  expect(typedDay('05/03/2026')).toBe('2026-03-05');
  expect(typedDay('5/3/2026')).toBe('2026-03-05');
  expect(typedDay('5.3.26')).toBe('2026-03-05');
  expect(typedDay('05032026')).toBe('2026-03-05');
  expect(typedDay(' 29/02/2024 ')).toBe('2024-02-29');
});

test('what is no day of the calendar is not one', () => {
  for (const text of ['', '31/02/2026', '29/02/2026', '12/31/2026', '2026-03-05', '05/03', '05/03/0026', 'ontem']) expect(typedDay(text), text).toBe('');
});

test('strokes come by themselves between digits and never twice', () => {
  expect(slashed('05')).toBe('05');
  expect(slashed('0503')).toBe('05/03');
  expect(slashed('05032026')).toBe('05/03/2026');
  expect(slashed('5/3/2026')).toBe('5/3/2026');
  expect(slashed('05/03/20269')).toBe('05/03/2026');
  expect(slashed('amanhã')).toBe('amanhã');
});
