// Where a stamp goes on a page: between what is seen (pixels, from above) and what
// the signature needs (points, from below, in the page's own space).
import type * as Lib from 'pdfjs-dist';
import type { desktop } from '../lib/api';

export type Place = desktop.StampPlace;

/** The size of a stamp that is put by hand, in points as seen: three lines of small print. */
export const stampWidth = 240;
export const stampHeight = 40;

/** An upright rectangle on the page as it is seen, in points, from above. */
export interface Seen {
  x: number;
  y: number;
}

/** What is needed of a page of pdf.js. */
export type Page = Pick<Lib.PDFPageProxy, 'getViewport' | 'getTextContent'>;

const round = (v: number) => Math.round(v * 100) / 100;

/** inside moves a stamp so that the whole of it is on a page of that size. */
export function inside(at: Seen, width: number, height: number): Seen {
  return { x: Math.max(0, Math.min(at.x, width - stampWidth)), y: Math.max(0, Math.min(at.y, height - stampHeight)) };
}

/** placed writes where a stamp seen at a point stands in the page's own space, turned pages included. */
export function placed(page: Page, number: number, at: Seen): Place {
  const view = page.getViewport({ scale: 1 });
  const [x1, y1] = view.convertToPdfPoint(at.x, at.y) as [number, number];
  const [x2, y2] = view.convertToPdfPoint(at.x + stampWidth, at.y + stampHeight) as [number, number];
  return { mode: 'page', page: number, left: round(Math.min(x1, x2)), bottom: round(Math.min(y1, y2)), right: round(Math.max(x1, x2)), top: round(Math.max(y1, y2)), anchor: '' };
}

/** seen is the inverse of placed. */
export function seen(page: Page, place: Place): Seen {
  const view = page.getViewport({ scale: 1 });
  const [x1, y1] = view.convertToViewportPoint(place.left, place.bottom) as [number, number];
  const [x2, y2] = view.convertToViewportPoint(place.right, place.top) as [number, number];
  return inside({ x: Math.min(x1, x2), y: Math.min(y1, y2) }, view.width, view.height);
}

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').toLowerCase();

/**
 * anchored looks for a text, on the last page first since signatures stand at the end, and gives
 * the place above the line in which it was found; null when it stands on no page.
 */
export async function anchored(document: { numPages: number; getPage: (n: number) => Promise<Page> }, text: string): Promise<Place | null> {
  const wanted = plain(text).trim();
  if (!wanted) return null;
  for (let n = document.numPages; n > 0; n--) {
    const page = await document.getPage(n);
    const view = page.getViewport({ scale: 1 });
    const at = await lineOf(page, wanted);
    if (!at) continue;
    const [x, y] = view.convertToViewportPoint(at.x, at.y) as [number, number];
    return { ...placed(page, n, inside({ x, y: y - stampHeight - at.height }, view.width, view.height)), mode: 'anchor', anchor: text };
  }
  return null;
}

/** lineOf finds the piece of text with which a line that holds the words begins to hold them. */
async function lineOf(page: Page, wanted: string): Promise<{ x: number; y: number; height: number } | null> {
  const { items } = await page.getTextContent();
  let line = '';
  let pieces: { from: number; x: number; y: number; height: number }[] = [];
  let last: number | null = null;
  const look = () => {
    const found = plain(line).indexOf(wanted);
    return found < 0 ? null : (pieces.filter((p) => p.from <= found).at(-1) ?? null);
  };
  for (const item of items) {
    if (!('str' in item) || !item.str) continue;
    const [, , , , x, y] = item.transform as number[];
    if (last !== null && Math.abs(last - y!) > 1) {
      const found = look();
      if (found) return found;
      line = '';
      pieces = [];
    }
    last = y!;
    pieces.push({ from: plain(line).length, x: x!, y: y!, height: item.height });
    line += item.str;
  }
  return look();
}
