// The nodes that version 2 of the document tree added.
import { Node, type JSONContent } from '@tiptap/core';
import { Plugin } from '@tiptap/pm/state';
import type { Node as PMNode } from '@tiptap/pm/model';
import { figures } from './amounts';
import { plainText } from './plaintext';
import { STORED } from './roomatend';

const span = (className: string, text: string, attributes: Record<string, string> = {}) => {
  const dom = document.createElement('span');
  dom.className = className;
  dom.textContent = text;
  for (const [k, v] of Object.entries(attributes)) dom.setAttribute(k, v);
  return dom;
};

function parsed(json: string | null): JSONContent[] {
  try {
    const value: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(value) ? (value as JSONContent[]) : [];
  } catch {
    return [];
  }
}

/** A footnote: one sign in the text; its own text is an attribute, edited in a dialog. */
export const FootnoteNode = Node.create({
  name: 'footnote',
  group: 'inline',
  inline: true,
  atom: true,
  marks: '',
  addAttributes: () => ({
    content: {
      default: [],
      parseHTML: (el) => parsed(el.getAttribute('data-footnote')),
      renderHTML: (a) => ({ 'data-footnote': JSON.stringify(a.content) }),
    },
  }),
  parseHTML: () => [{ tag: 'span[data-footnote]' }],
  renderHTML: ({ HTMLAttributes }) => ['span', HTMLAttributes],
  addNodeView() {
    return ({ node }) => {
      const text = plainText(node.attrs.content as JSONContent[]);
      return { dom: span('footnote', '', { title: `Nota de rodapé: ${text}`, role: 'note', 'aria-label': `Nota de rodapé: ${text}` }), ignoreMutation: () => true };
    };
  },
});

/** A reference to another part of the text, which follows its number. */
export const ReferenceNode = Node.create({
  name: 'crossReference',
  group: 'inline',
  inline: true,
  atom: true,
  addAttributes: () => ({
    target: { default: '', parseHTML: (el) => el.getAttribute('data-reference'), renderHTML: (a) => ({ 'data-reference': String(a.target) }) },
    form: { default: 'number', parseHTML: (el) => el.getAttribute('data-form'), renderHTML: (a) => ({ 'data-form': String(a.form) }) },
  }),
  parseHTML: () => [{ tag: 'span[data-reference]' }],
  renderHTML: ({ HTMLAttributes }) => ['span', HTMLAttributes],
  addNodeView() {
    return ({ node }) => ({
      dom: span('reference', '…', { 'data-reference': String(node.attrs.target), 'data-form': String(node.attrs.form), title: 'Referência: acompanha o número do lugar' }),
      ignoreMutation: () => true,
    });
  },
});

/** A process or document of SEI, shown by its number. */
export const ProtocolNode = Node.create({
  name: 'protocolLink',
  group: 'inline',
  inline: true,
  atom: true,
  addAttributes: () => ({
    form: { default: 'process', parseHTML: (el) => el.getAttribute('data-form'), renderHTML: (a) => ({ 'data-form': String(a.form) }) },
    target: { default: '', parseHTML: (el) => el.getAttribute('data-protocol'), renderHTML: (a) => ({ 'data-protocol': String(a.target) }) },
    label: { default: '', parseHTML: (el) => el.getAttribute('data-label-text'), renderHTML: (a) => ({ 'data-label-text': String(a.label) }) },
  }),
  parseHTML: () => [{ tag: 'span[data-protocol]' }],
  renderHTML: ({ node, HTMLAttributes }) => ['span', HTMLAttributes, String(node.attrs.label)],
  renderText: ({ node }) => String(node.attrs.label),
  addNodeView() {
    return ({ node }) => ({
      dom: span('protocol', String(node.attrs.label), { title: node.attrs.form === 'document' ? 'Link para o documento no SEI' : 'Link para o processo no SEI' }),
    });
  },
});

/** A sum in reais; the page writes it in full where that was asked for. */
export const AmountNode = Node.create({
  name: 'amount',
  group: 'inline',
  inline: true,
  atom: true,
  addAttributes: () => ({
    cents: { default: 0, parseHTML: (el) => Number(el.getAttribute('data-cents')) || 0, renderHTML: (a) => ({ 'data-cents': String(a.cents) }) },
    words: { default: false, parseHTML: (el) => el.hasAttribute('data-words'), renderHTML: (a) => (a.words ? { 'data-words': '' } : {}) },
  }),
  parseHTML: () => [{ tag: 'span[data-cents]' }],
  renderHTML: ({ node, HTMLAttributes }) => ['span', HTMLAttributes, figures(Number(node.attrs.cents))],
  renderText: ({ node }) => figures(Number(node.attrs.cents)),
  addNodeView() {
    return ({ node }) => ({
      dom: span('amount', figures(Number(node.attrs.cents)) + (node.attrs.words ? ' (por extenso)' : ''), { title: node.attrs.words ? 'Valor; a página escreve também por extenso' : 'Valor' }),
    });
  },
});

/** The table of contents; the page makes it of the headings. */
export const ContentsNode = Node.create({
  name: 'tableOfContents',
  group: 'toplevel',
  atom: true,
  selectable: true,
  parseHTML: () => [{ tag: 'div[data-contents]' }],
  renderHTML: () => ['div', { 'data-contents': '', class: 'contents' }, 'Sumário — montado na página com os títulos e as suas páginas'],
});

/** A part that the document's template gives; a locked one is not edited. */
export const SectionNode = Node.create({
  name: 'section',
  group: 'section',
  content: '(block | toplevel)+',
  isolating: true,
  defining: true,
  addAttributes: () => ({
    name: { default: '', parseHTML: (el) => el.getAttribute('data-section'), renderHTML: (a) => ({ 'data-section': String(a.name) }) },
    locked: { default: false, parseHTML: (el) => el.hasAttribute('data-locked'), renderHTML: (a) => (a.locked ? { 'data-locked': '' } : {}) },
  }),
  parseHTML: () => [{ tag: 'div[data-section]' }],
  renderHTML: ({ node, HTMLAttributes }) => [
    'div',
    { ...HTMLAttributes, class: node.attrs.locked ? 'section locked' : 'section', ...(node.attrs.locked ? { title: 'Parte fixa do modelo: não se edita' } : {}) },
    0,
  ],
  addProseMirrorPlugins() {
    return [
      new Plugin({
        filterTransaction: (tr, state) => !tr.docChanged || Boolean(tr.getMeta(STORED)) || locked(tr.doc) === locked(state.doc),
      }),
    ];
  },
});

/** locked is what the template's fixed parts hold, to be compared. */
function locked(doc: PMNode): string {
  const parts: unknown[] = [];
  doc.forEach((n) => {
    if (n.type.name === 'section' && n.attrs.locked) parts.push(n.toJSON());
  });
  return JSON.stringify(parts);
}
