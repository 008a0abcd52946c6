import { expect, test } from 'vitest';
import { centsOf } from './amounts';

test('sums are read as they are written in Brazil', () => {
  for (const [typed, cents] of [['1234,56', 123456], ['1.234,56', 123456], ['R$ 1.234', 123400], ['0,5', 50], ['7', 700], ['1.000.000', 100000000]] as const) {
    expect(centsOf(typed), typed).toBe(cents);
  }
  for (const wrong of ['', 'abc', '1,234.56', '1.23', '-5', '1,234', '9'.repeat(20)]) expect(centsOf(wrong), wrong).toBeNull();
});
