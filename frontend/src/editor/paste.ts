// What is pasted from other programs, brought into the schema. Nothing is lost in
// silence: what has no place in a document stays as plain text or is named in a note.
import { Slice } from '@tiptap/pm/model';
import { TextSelection, type EditorState, type Transaction } from '@tiptap/pm/state';
import { legible } from './canonical';
import { MAX_COLUMNS, safeHref } from './styles';

/** Cleaned HTML and what the servant should know about it. */
export interface Cleaned {
  html: string;
  notes: string[];
}

/** cleanText leaves out characters that no document may hold. */
export function cleanText(text: string): string {
  return legible(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n'));
}

/** cleanHTML turns HTML of Word, LibreOffice, SEI or the web into what the schema holds. */
export function cleanHTML(html: string): Cleaned {
  const doc = new DOMParser().parseFromString(html, 'text/html');
  // What the editor itself copied is in the schema already.
  if (doc.querySelector('[data-pm-slice]')) return { html, notes: [] };
  const notes = new Set<string>();
  dropUnseen(doc);
  officeLists(doc);
  forms(doc);
  pictures(doc, notes);
  links(doc);
  tables(doc, notes);
  blocks(doc);
  alignments(doc);
  texts(doc);
  return { html: doc.body.innerHTML, notes: [...notes] };
}

/**
 * pasteOverEmpty puts pasted blocks in the place of the empty paragraph that the
 * cursor is in, so that the first of them keeps its style and alignment, which
 * would otherwise be the empty paragraph's. Null when that is not the case.
 */
export function pasteOverEmpty(state: EditorState, slice: Slice): Transaction | null {
  const { $from, empty } = state.selection;
  const first = slice.content.firstChild;
  if (!empty || !first?.isTextblock || !$from.parent.isTextblock || $from.parent.content.size > 0) return null;
  const plain = first.type.name === 'paragraph' && first.hasMarkup(first.type, null);
  if (slice.content.childCount === 1 && plain) return null;
  const index = $from.index(-1);
  if (!$from.node(-1).canReplace(index, index + 1, slice.content)) return null;
  const at = $from.before();
  const tr = state.tr.replaceWith(at, $from.after(), slice.content);
  return tr.setSelection(TextSelection.near(tr.doc.resolve(at + slice.content.size), -1)).scrollIntoView();
}

function dropUnseen(doc: Document): void {
  const walker = doc.createTreeWalker(doc, NodeFilter.SHOW_COMMENT);
  const comments: Node[] = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const c of comments) (c as ChildNode).remove();
  for (const el of doc.querySelectorAll('script, style, meta, link, title, template, noscript, xml')) el.remove();
  for (const el of doc.querySelectorAll<HTMLElement>('[style*="mso-hide:all"], [style*="mso-hide: all"]')) el.remove();
}

/** Word writes lists as paragraphs with the label in a span that HTML is to ignore. */
function officeLists(doc: Document): void {
  const items = [...doc.querySelectorAll<HTMLElement>('p, h1, h2, h3, h4, h5, h6')].filter((p) => /mso-list:\s*l\d+/i.test(p.getAttribute('style') ?? ''));
  let stack: { level: number; list: HTMLElement }[] = [];
  let last: Element | null = null;
  for (const p of items) {
    const level = Number(/level(\d+)/i.exec(p.getAttribute('style') ?? '')?.[1] ?? 1);
    const label = [...p.querySelectorAll<HTMLElement>('span')].find((s) => /mso-list:\s*ignore/i.test(s.getAttribute('style') ?? ''));
    const sign = label?.textContent?.trim() ?? '';
    label?.remove();
    if (last === null || stack.length === 0 || p.previousElementSibling !== stack[0]!.list) stack = [];
    while (stack.length > 0 && stack.at(-1)!.level > level) stack.pop();
    if (stack.length === 0 || stack.at(-1)!.level < level) {
      const list = newList(doc, sign);
      const parent = stack.at(-1)?.list.lastElementChild;
      if (parent) parent.append(list);
      else p.before(list);
      stack.push({ level, list });
    }
    const li = doc.createElement('li');
    const inner = doc.createElement('p');
    inner.append(...p.childNodes);
    li.append(inner);
    stack.at(-1)!.list.append(li);
    p.remove();
    last = stack[0]!.list;
  }
}

function newList(doc: Document, sign: string): HTMLElement {
  const label = /^\(?([0-9]+|[a-z]|[ivxlc]+|[A-Z]|[IVXLC]+)[.)º–-]*\)?$/.exec(sign)?.[1];
  const list = doc.createElement(label ? 'ol' : 'ul');
  if (!label) return list;
  const kind = /\d/.test(label) ? '1' : /^[ivx]/.test(label) ? 'i' : /^[IVX]/.test(label) ? 'I' : label < 'a' ? 'A' : 'a';
  list.setAttribute('type', kind);
  const n = Number(label);
  if (n > 1) list.setAttribute('start', String(n));
  return list;
}

/** Controls of a form say what was filled in. */
function forms(doc: Document): void {
  for (const el of doc.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>('input, select, textarea')) {
    if (el instanceof HTMLInputElement || el.tagName === 'INPUT') {
      const input = el as HTMLInputElement;
      const tick = input.hasAttribute('checked') ? '[X] ' : '[ ] ';
      el.replaceWith(['checkbox', 'radio'].includes(input.type) ? tick : input.type === 'hidden' ? '' : (input.getAttribute('value') ?? ''));
    } else if (el.tagName === 'SELECT') {
      el.replaceWith((el.querySelector('option[selected]') ?? el.querySelector('option'))?.textContent ?? '');
    } else el.replaceWith(el.textContent ?? '');
  }
}

/** Pictures of elsewhere have no bytes here: they are named and are to be inserted. */
function pictures(doc: Document, notes: Set<string>): void {
  let count = 0;
  for (const el of doc.querySelectorAll('img, svg, canvas, video, audio, iframe, object, embed, picture')) {
    if (!el.isConnected) continue;
    const kept = el.matches('img[data-sha256]') && /^[0-9a-f]{64}$/.test(el.getAttribute('data-sha256') ?? '');
    if (kept) continue;
    count++;
    const name = el.getAttribute('alt')?.trim() || el.getAttribute('title')?.trim() || el.textContent?.trim() || '';
    el.replaceWith(`[imagem não colada${name ? ': ' + name.replace(/\s+/g, ' ') : ''}]`);
  }
  if (count > 0) {
    notes.add(`${count === 1 ? 'Uma imagem não veio' : `${count} imagens não vieram`} na colagem; o lugar está marcado no texto. Use Inserir imagem, ou copie a imagem sozinha e cole.`);
  }
}

function links(doc: Document): void {
  for (const a of doc.querySelectorAll('a')) {
    const safe = safeHref(a.getAttribute('href') ?? '');
    if (safe) a.setAttribute('href', safe);
    else a.replaceWith(...a.childNodes);
  }
}

/** A table stands at the page's own level and is not too wide; others become lines of text. */
function tables(doc: Document, notes: Set<string>): void {
  for (const t of [...doc.querySelectorAll('table')].reverse()) {
    const caption = t.querySelector(':scope > caption');
    if (caption) {
      const p = doc.createElement('p');
      p.append(...caption.childNodes);
      t.before(p);
      caption.remove();
    }
    const nested = t.parentElement?.closest('table, li, blockquote');
    const wide = [...t.rows].some((r) => [...r.cells].reduce((n, c) => n + c.colSpan, 0) > MAX_COLUMNS);
    if (!nested && !wide) continue;
    notes.add(wide ? `Uma tabela com mais de ${MAX_COLUMNS} colunas virou linhas de texto.` : 'Uma tabela dentro de outra tabela, lista ou citação virou linhas de texto.');
    t.replaceWith(
      ...[...t.rows].map((r) => {
        const p = doc.createElement('p');
        p.textContent = [...r.cells].map((c) => c.textContent?.trim().replace(/\s+/g, ' ')).join('\t');
        return p;
      }),
    );
  }
}

/** Elements that HTML knows and a document does not. */
function blocks(doc: Document): void {
  for (const h of doc.querySelectorAll('h4, h5, h6')) rename(doc, h, 'h3');
  for (const el of doc.querySelectorAll('dt, dd, address, figcaption, legend, summary')) rename(doc, el, 'p');
  for (const pre of doc.querySelectorAll('pre')) {
    pre.replaceWith(
      ...(pre.textContent ?? '').split('\n').map((line) => {
        const p = doc.createElement('p');
        p.textContent = line;
        return p;
      }),
    );
  }
  for (const br of doc.querySelectorAll<HTMLElement>('br')) {
    if (!/page-break-before:\s*always/i.test(br.getAttribute('style') ?? '')) continue;
    const mark = doc.createElement('div');
    mark.dataset.pageBreak = '';
    const block = topBlock(br);
    br.remove();
    block.before(mark);
    if (!block.textContent?.trim()) block.remove();
  }
}

function topBlock(el: HTMLElement): HTMLElement {
  let at = el;
  while (at.parentElement && at.parentElement !== el.ownerDocument.body) at = at.parentElement;
  return at;
}

function rename(doc: Document, el: Element, name: string): void {
  const other = doc.createElement(name);
  for (const a of ['class', 'style', 'align']) if (el.hasAttribute(a)) other.setAttribute(a, el.getAttribute(a)!);
  other.append(...el.childNodes);
  el.replaceWith(other);
}

/** Old HTML aligns by an attribute; a cell's alignment is its paragraphs'. */
function alignments(doc: Document): void {
  for (const el of doc.querySelectorAll<HTMLElement>('[align]')) {
    const value = el.getAttribute('align')?.toLowerCase() ?? '';
    if (['left', 'center', 'right', 'justify'].includes(value) && !el.style.textAlign) el.style.textAlign = value;
  }
  for (const cell of doc.querySelectorAll<HTMLElement>('td, th')) {
    const value = cell.style.textAlign;
    if (!value) continue;
    for (const p of cell.querySelectorAll<HTMLElement>('p, h1, h2, h3')) if (!p.style.textAlign) p.style.textAlign = value;
  }
}

function texts(doc: Document): void {
  const walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const clean = legible(node.data);
    if (clean !== node.data) node.data = clean;
  }
}
