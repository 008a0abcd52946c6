// pdf.js, loaded when the first PDF is shown. The legacy build is for the
// WebKitGTK of Debian 12. Everything it needs is among the program's own files.
import type * as Lib from 'pdfjs-dist';
import type * as View from 'pdfjs-dist/web/pdf_viewer.mjs';

export interface PdfJs {
  lib: typeof Lib;
  view: typeof View;
}

let loaded: Promise<PdfJs> | undefined;

/** pdfjs gives the library and its viewer components. */
export function pdfjs(): Promise<PdfJs> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<PdfJs> {
  const [lib, worker] = await Promise.all([
    import('pdfjs-dist/legacy/build/pdf.mjs') as unknown as Promise<typeof Lib>,
    import('pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'),
  ]);
  lib.GlobalWorkerOptions.workerSrc = worker.default;
  // The components look for the library there.
  (globalThis as { pdfjsLib?: unknown }).pdfjsLib ??= lib;
  const view = (await import('pdfjs-dist/legacy/web/pdf_viewer.mjs')) as unknown as typeof View;
  return { lib, view };
}

/** openPdf begins to read the PDF at the address. */
export async function openPdf(url: string): Promise<Lib.PDFDocumentLoadingTask> {
  const { lib } = await pdfjs();
  const own = (folder: string) => new URL(`pdfjs/${folder}/`, document.baseURI).href;
  return lib.getDocument({
    url,
    cMapUrl: own('cmaps'),
    standardFontDataUrl: own('standard_fonts'),
    wasmUrl: own('wasm'),
    iccUrl: own('iccs'),
  });
}
