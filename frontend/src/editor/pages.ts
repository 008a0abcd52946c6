// The page that follows the typing: drawn aside and put in place when it is ready,
// so that it neither flickers nor loses its place, and only where it is looked at,
// so that a long document costs no more than a short one.
import type { PDFDocumentProxy, PDFWorker } from 'pdfjs-dist';
import { pdfjs } from '../viewer/pdfjs';

/** A typeset document that can be shown. */
export interface Pages {
  /** Shows the pages in the scrolling element, as wide as `width` CSS pixels. */
  show: (sheets: HTMLElement, width: number) => Promise<void>;
  close: () => void;
}

let worker: PDFWorker | undefined;

/** openPages reads the PDF at the address. */
export async function openPages(url: string): Promise<Pages> {
  const { lib } = await pdfjs();
  // One worker for all: to start one for each pause in typing would take longer than the page.
  worker ??= new lib.PDFWorker();
  const task = lib.getDocument({ url, worker });
  const doc = await task.promise;
  let watcher: IntersectionObserver | undefined;
  return {
    async show(sheets, width) {
      const holders = await layOut(doc, width);
      // What is in sight is drawn before the old pages leave.
      await Promise.all(inSight(sheets, holders).map((h) => h.draw()));
      watcher?.disconnect();
      watcher = new IntersectionObserver(
        (entries) => {
          for (const e of entries) {
            const holder = holders.find((h) => h.element === e.target);
            if (e.isIntersecting) void holder?.draw().catch(() => undefined);
            else holder?.empty();
          }
        },
        { root: sheets, rootMargin: '600px' },
      );
      const top = sheets.scrollTop;
      sheets.replaceChildren(...holders.map((h) => h.element));
      sheets.scrollTop = top;
      for (const h of holders) watcher.observe(h.element);
    },
    close() {
      watcher?.disconnect();
      void task.destroy();
    },
  };
}

interface Holder {
  element: HTMLElement;
  height: number;
  draw: () => Promise<void>;
  empty: () => void;
}

async function layOut(doc: PDFDocumentProxy, width: number): Promise<Holder[]> {
  const first = (await doc.getPage(1)).getViewport({ scale: 1 });
  // Every page of a document typeset here has the size of the first.
  const height = Math.round((width * first.height) / first.width);
  return Array.from({ length: doc.numPages }, (_, i) => holderOf(doc, i + 1, width, height));
}

function holderOf(doc: PDFDocumentProxy, number: number, width: number, height: number): Holder {
  const element = document.createElement('div');
  element.className = 'page';
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', `Página ${number} de ${doc.numPages}`);
  let drawing: Promise<void> | undefined;
  const draw = async () => {
    const page = await doc.getPage(number);
    const density = Math.min(window.devicePixelRatio || 1, 2);
    const viewport = page.getViewport({ scale: (width / page.getViewport({ scale: 1 }).width) * density });
    const canvas = document.createElement('canvas');
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    await page.render({ canvas, viewport }).promise;
    element.replaceChildren(canvas);
  };
  return {
    element,
    height,
    draw: () => (drawing ??= draw()),
    empty() {
      if (!drawing) return;
      drawing = undefined;
      element.replaceChildren();
    },
  };
}

const gap = 12;

function inSight(sheets: HTMLElement, holders: Holder[]): Holder[] {
  let top = gap;
  return holders.filter((h) => {
    const from = top;
    top += h.height + gap;
    return from < sheets.scrollTop + sheets.clientHeight && top > sheets.scrollTop;
  });
}
