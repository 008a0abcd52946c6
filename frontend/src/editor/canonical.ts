// The one JSON form of a document, byte for byte as internal/richtext.Canonical
// writes it: what the editor stores is what a revision's hash identifies, and two
// texts are the same when their canonical forms are.
import type { JSONContent } from '@tiptap/core';
import { DEFAULT_STYLE, SCHEMA } from './styles';

const markOrder = ['bold', 'italic', 'underline', 'strike', 'subscript', 'superscript', 'link'];

type Mark = NonNullable<JSONContent['marks']>[number];

/** canonical writes the editor's tree as the desk stores it. */
export function canonical(doc: JSONContent): string {
  return `{"type":"doc","attrs":{"schema":${SCHEMA}},"content":${nodes(doc.content ?? [])}}`;
}

/** emptyText is a document of one empty paragraph. */
export function emptyText(): string {
  return canonical({ type: 'doc', content: [{ type: 'paragraph' }] });
}

function nodes(content: JSONContent[]): string {
  return '[' + joined(content).map(node).join(',') + ']';
}

/** joined puts adjacent runs of equal marks together and drops empty ones. */
function joined(content: JSONContent[]): JSONContent[] {
  const out: JSONContent[] = [];
  for (const n of content) {
    if (n.type !== 'text') {
      out.push(n);
      continue;
    }
    const text = legible(n.text ?? '');
    if (text === '') continue;
    const last = out.at(-1);
    if (last?.type === 'text' && marks(last.marks) === marks(n.marks)) {
      out[out.length - 1] = { ...last, text: last.text + text };
    } else {
      out.push({ ...n, text });
    }
  }
  return out;
}

function node(n: JSONContent): string {
  let out = `{"type":${text(n.type ?? '')}${attrs(n)}`;
  const content = contentOf(n);
  if (content?.length) {
    const inner = nodes(content);
    if (inner !== '[]') out += `,"content":${inner}`;
  }
  if (MARKED.has(n.type ?? '')) out += marks(n.marks);
  if (n.type === 'text') out += `,"text":${text(n.text ?? '')}`;
  return out + '}';
}

/** MARKED are the nodes that bold, links and the like apply to. */
const MARKED = new Set(['text', 'field', 'crossReference', 'protocolLink', 'amount']);

/** contentOf is a node's content; a footnote's stands in an attribute while it is edited. */
function contentOf(n: JSONContent): JSONContent[] | undefined {
  if (n.type === 'footnote' && Array.isArray(n.attrs?.content)) return n.attrs.content as JSONContent[];
  return n.content;
}

/**
 * editable brings a stored tree to the form in which the editor holds it: a footnote
 * is one sign in the text, with its own text as an attribute.
 */
export function editable(n: JSONContent): JSONContent {
  if (n.type === 'footnote') return { type: n.type, attrs: { content: n.content ?? (n.attrs?.content as JSONContent[]) ?? [] } };
  return n.content ? { ...n, content: n.content.map(editable) } : n;
}

function id(value: unknown): string {
  return value ? `"id":${text(String(value))},` : '';
}

function attrs(n: JSONContent): string {
  const a = n.attrs ?? {};
  switch (n.type) {
    case 'paragraph':
      return `,"attrs":{${id(a.id)}"style":${text(a.style ?? DEFAULT_STYLE)},"textAlign":${orNull(a.textAlign)}}`;
    case 'heading':
      return `,"attrs":{${id(a.id)}"level":${Number(a.level ?? 1)},"textAlign":${orNull(a.textAlign)}}`;
    case 'orderedList':
      return `,"attrs":{"start":${Number(a.start ?? 1)},"type":${text(a.type || '1')}}`;
    case 'tableCell':
    case 'tableHeader':
      return `,"attrs":{"colspan":${Number(a.colspan ?? 1)},"colwidth":${widths(a.colwidth)},"rowspan":${Number(a.rowspan ?? 1)}}`;
    case 'image':
      return `,"attrs":{"alt":${text(a.alt ?? '')},"sha256":${text(String(a.sha256 ?? '').toLowerCase())},"textAlign":${orNull(a.textAlign)},"width":${orNull(a.width)}}`;
    case 'field':
      return `,"attrs":{"name":${text(a.name ?? '')}}`;
    case 'crossReference':
      return `,"attrs":{"form":${text(a.form ?? 'number')},"target":${text(a.target ?? '')}}`;
    case 'protocolLink':
      return `,"attrs":{"form":${text(a.form ?? '')},"label":${text(a.label ?? '')},"target":${text(a.target ?? '')}}`;
    case 'amount':
      return `,"attrs":{"cents":${Math.round(Number(a.cents ?? 0))},"words":${Boolean(a.words)}}`;
    case 'section':
      return `,"attrs":{"locked":${Boolean(a.locked)},"name":${text(a.name ?? '')}}`;
    default:
      return '';
  }
}

function widths(value: unknown): string {
  if (!Array.isArray(value) || value.every((w) => !w)) return 'null';
  return '[' + value.map((w) => Math.max(0, Math.min(10_000, Math.round(Number(w) || 0)))).join(',') + ']';
}

function marks(list: Mark[] | undefined): string {
  if (!list?.length) return '';
  const sorted = [...list].sort((a, b) => markOrder.indexOf(a.type) - markOrder.indexOf(b.type));
  return ',"marks":[' + sorted.map(mark).join(',') + ']';
}

function mark(m: Mark): string {
  const href = m.type === 'link' ? `,"attrs":{"href":${text(String(m.attrs?.href ?? ''))}}` : '';
  return `{"type":${text(m.type)}${href}}`;
}

function orNull(value: unknown): string {
  return value === null || value === undefined || value === '' ? 'null' : text(String(value));
}

/** legible leaves out control characters, which no document may hold. */
export function legible(value: string): string {
  return value.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '').replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

function text(value: string): string {
  let out = '"';
  for (const c of value) {
    if (c === '"' || c === '\\') out += '\\' + c;
    else if (c < ' ') out += '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0');
    else out += c;
  }
  return out + '"';
}
