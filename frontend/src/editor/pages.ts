// Draws a PDF's pages on canvases with pdf.js. The new pages are drawn aside and
// put in place when they are ready, so that the page does not flicker or jump.
import type { PDFDocumentProxy } from 'pdfjs-dist';

let library: Promise<typeof import('pdfjs-dist')> | undefined;

/** pdfjs loads the library and its worker from the program's own files, once. */
async function pdfjs(): Promise<typeof import('pdfjs-dist')> {
  library ??= Promise.all([import('pdfjs-dist/legacy/build/pdf.mjs'), import('pdfjs-dist/legacy/build/pdf.worker.min.mjs?url')]).then(
    ([lib, worker]) => {
      const pdf = lib as unknown as typeof import('pdfjs-dist');
      pdf.GlobalWorkerOptions.workerSrc = worker.default;
      return pdf;
    },
  );
  return library;
}

/** A document that was opened for drawing. */
export interface Pages {
  /** Draws every page as wide as `width` CSS pixels. */
  draw: (width: number) => Promise<HTMLCanvasElement[]>;
  close: () => void;
}

/** openPages reads the PDF at the address. */
export async function openPages(url: string): Promise<Pages> {
  const pdf = await pdfjs();
  const task = pdf.getDocument({ url });
  const doc = await task.promise;
  return { draw: (width) => drawAll(doc, width), close: () => void task.destroy() };
}

async function drawAll(doc: PDFDocumentProxy, width: number): Promise<HTMLCanvasElement[]> {
  const out: HTMLCanvasElement[] = [];
  const density = Math.min(window.devicePixelRatio || 1, 2);
  for (let i = 1; i <= doc.numPages; i++) {
    const page = await doc.getPage(i);
    const scale = width / page.getViewport({ scale: 1 }).width;
    const viewport = page.getViewport({ scale: scale * density });
    const canvas = document.createElement('canvas');
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    canvas.style.width = `${width}px`;
    canvas.style.aspectRatio = `${viewport.width} / ${viewport.height}`;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `Página ${i} de ${doc.numPages}`);
    await page.render({ canvas, viewport }).promise;
    page.cleanup();
    out.push(canvas);
  }
  return out;
}
