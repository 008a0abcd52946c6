import { expect, test } from 'vitest';
import { anchored, inside, placed, seen, stampHeight, stampWidth, type Page } from './stamps';

/** page is an A4 page as pdf.js gives it, upright or turned by a quarter. */
function page(turned = false, lines: [string, number, number][] = []): Page {
  const [w, h] = [595, 842];
  return {
    getViewport: () => ({
      width: turned ? h : w,
      height: turned ? w : h,
      convertToPdfPoint: (x: number, y: number) => (turned ? [y, x] : [x, h - y]),
      convertToViewportPoint: (x: number, y: number) => (turned ? [y, x] : [x, h - y]),
    }),
    getTextContent: async () => ({ items: lines.map(([str, x, y]) => ({ str, transform: [1, 0, 0, 1, x, y], height: 10 })) }),
  } as unknown as Page;
}

test('a stamp stands where it is seen, counted from below in the page’s own space', () => {
  expect(placed(page(), 2, { x: 100, y: 700 })).toEqual({ mode: 'page', page: 2, left: 100, bottom: 842 - 700 - stampHeight, right: 100 + stampWidth, top: 142, anchor: '' });
  expect(placed(page(true), 1, { x: 100, y: 50 })).toMatchObject({ left: 50, bottom: 100, right: 50 + stampHeight, top: 100 + stampWidth });
  for (const p of [page(), page(true)]) expect(seen(p, placed(p, 1, { x: 120, y: 80 }))).toEqual({ x: 120, y: 80 });
});

test('no part of a stamp leaves the page', () => {
  expect(inside({ x: -5, y: 9999 }, 595, 842)).toEqual({ x: 0, y: 842 - stampHeight });
});

test('an anchor is found from the end, whatever its accents, case and pieces, and the stamp stands above it', async () => {
  const pages = [page(false, [['Diretora de Gestão', 90, 500]]), page(false, [['Porto Alegre', 90, 700], ['DIRETORA ', 90, 300], ['de Gestao', 150, 300]])];
  const found = await anchored({ numPages: 2, getPage: async (n) => pages[n - 1]! }, 'Diretora de gestão');
  expect(found).toMatchObject({ mode: 'anchor', page: 2, left: 90, bottom: 310, anchor: 'Diretora de gestão' });
  expect(await anchored({ numPages: 2, getPage: async (n) => pages[n - 1]! }, 'Secretário')).toBeNull();
});
