import { expect, test } from 'vitest';
import { PagedList, pageSize } from './pages.svelte';

function source(total: number) {
  const asked: number[] = [];
  const list = new PagedList<string>(async (offset, limit) => {
    asked.push(offset);
    return { total, lines: Array.from({ length: Math.min(limit, Math.max(0, total - offset)) }, (_, i) => `l${offset + i}`) };
  });
  return { list, asked };
}

test('of ten thousand lines only the pages in view are read', async () => {
  const { list, asked } = source(10_000);
  await list.refresh(true);
  expect(list.total).toBe(10_000);
  list.show(5_000, 5_020);
  await Promise.resolve();
  await new Promise((r) => setTimeout(r));
  expect(list.at(5_010)).toBe('l5010');
  expect(list.at(2_000)).toBeUndefined();
  expect(asked).toEqual([0, 5_000]);
});

test('a refresh keeps the old lines in view until the new ones are there', async () => {
  let answer: (v: { total: number; lines: string[] }) => void = () => undefined;
  let first = true;
  const list = new PagedList<string>(() => {
    if (first) {
      first = false;
      return Promise.resolve({ total: 1, lines: ['antes'] });
    }
    return new Promise((r) => (answer = r));
  });
  await list.refresh(true);
  const again = list.refresh();
  expect(list.at(0)).toBe('antes');
  answer({ total: 1, lines: ['depois'] });
  await again;
  expect(list.at(0)).toBe('depois');
});

test('a late answer to an earlier query is dropped', async () => {
  const answers: ((v: { total: number; lines: string[] }) => void)[] = [];
  const list = new PagedList<string>(() => new Promise((r) => answers.push(r)));
  const first = list.refresh(true);
  const second = list.refresh(true);
  answers[1]?.({ total: 1, lines: ['novo'] });
  await second;
  answers[0]?.({ total: 9, lines: ['velho'] });
  await first;
  expect(list.at(0)).toBe('novo');
  expect(list.total).toBe(1);
});

test('a failure is said and leaves the lines', async () => {
  let fail = false;
  const list = new PagedList<string>(() => (fail ? Promise.reject({ code: 'internal', message: 'Falhou.' }) : Promise.resolve({ total: 1, lines: ['a'] })));
  await list.refresh(true);
  fail = true;
  await list.refresh();
  expect(list.problem).toBe('Falhou.');
  expect(list.at(0)).toBe('a');
  expect(pageSize).toBeLessThanOrEqual(500);
});
