import { expect, test } from 'vitest';
import { bytes, day, isSet, moment, plainDay, plural, recent, today } from './format';

const now = new Date('2026-11-23T12:41:00Z'); // 09:41 in São Paulo

test('times are written in the legal time zone whatever this computer says', () => {
  expect(moment('2026-11-23T12:41:00Z')).toBe('23/11/2026 09:41');
  expect(day('2026-11-24T02:30:00Z')).toBe('23/11/2026');
});

test("Go's zero time is no time", () => {
  expect(isSet('0001-01-01T00:00:00Z')).toBe(false);
  expect(moment('0001-01-01T00:00:00Z')).toBe('');
  expect(recent(null)).toBe('');
});

test('today and yesterday are said in words, by the legal calendar', () => {
  expect(recent('2026-11-23T12:00:00Z', now)).toBe('hoje 09:00');
  expect(recent('2026-11-23T02:59:00Z', now)).toBe('ontem 23:59');
  expect(recent('2026-11-21T12:00:00Z', now)).toBe('21/11/2026');
  expect(today(new Date('2026-11-24T02:59:00Z'))).toBe('2026-11-23');
});

test('sizes and counts are written as in Brazil', () => {
  expect(bytes(0)).toBe('0 bytes');
  expect(bytes(1_468_006)).toBe('1,4 MB');
  expect(bytes(200 * 1024 * 1024)).toBe('200 MB');
  expect(plural(1, 'processo', 'processos')).toBe('1 processo');
  expect(plural(10_000, 'processo', 'processos')).toBe('10.000 processos');
  expect(plainDay('2026-11-20')).toBe('20/11/2026');
});
