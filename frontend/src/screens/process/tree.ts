import type { desktop } from '../../lib/api';

/** SEI's tree keeps twenty documents in a folder. */
export const folderSize = 20;

/** A folder of the tree. */
export interface Folder {
  id: string;
  label: string;
  documents: desktop.DocumentView[];
}

/** folders puts the documents into folders of twenty; few documents need none. */
export function folders(documents: readonly desktop.DocumentView[]): Folder[] {
  const out: Folder[] = [];
  for (let at = 0; at < documents.length; at += folderSize) {
    const part = documents.slice(at, at + folderSize);
    out.push({ id: `folder-${at / folderSize}`, label: `Documentos ${at + 1} a ${at + part.length}`, documents: part });
  }
  return out;
}

/** label is how a document is named in the tree: title, tree name and Nº SEI. */
export function label(document: desktop.DocumentView): string {
  const name = document.treeName && document.treeName !== document.title ? `${document.title} ${document.treeName}`.trim() : document.title;
  return document.seiNumber ? `${name} (${document.seiNumber})` : name;
}

/** stateWord names a document's state where it is not simply registered. */
export function stateWord(document: desktop.DocumentView): string {
  return { draft: 'rascunho', queued: 'aguardando envio', sending: 'enviando', refused: 'recusado' }[document.state] ?? '';
}

/** penWord says what the pen means. */
export function penWord(pen: string, waits = false): string {
  if (waits) return 'Assinado, caneta amarela: ficará preta quando a central aceitar o envio, que ainda pode ser retirado da fila';
  if (pen === 'yellow') return 'Assinado, caneta amarela: ainda pode ser alterado ou excluído, e isso retira as assinaturas';
  if (pen === 'black') return 'Assinado, caneta preta: não pode mais ser alterado nem excluído, apenas cancelado';
  return '';
}
