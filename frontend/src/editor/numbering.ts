// Numbers on the sheet: each numbered paragraph shows its label, each reference the
// name of the place that it follows, and every place has an identifier of its own.
import { Extension } from '@tiptap/core';
import type { Node as PMNode } from '@tiptap/pm/model';
import { Plugin, PluginKey, type EditorState } from '@tiptap/pm/state';
import { Decoration, DecorationSet, type EditorView } from '@tiptap/pm/view';
import { labels, type Label } from './labels';
import { STORED } from './roomatend';

/** A paragraph or heading that a reference can name. */
export interface NumberedPlace extends Label {
  pos: number;
  id: string;
  /** The first words of its text. */
  words: string;
  heading: boolean;
}

interface Numbers {
  places: NumberedPlace[];
  decorations: DecorationSet;
}

const key = new PluginKey<Numbers>('numbering');
const FIRST_WORDS = 80;

function placesOf(doc: PMNode): NumberedPlace[] {
  const found: { node: PMNode; pos: number }[] = [];
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true;
    found.push({ node, pos });
    return false;
  });
  const named = labels(found.map(({ node }) => ({ style: node.type.name === 'paragraph' ? String(node.attrs.style) : '' })));
  return found.map(({ node, pos }, i) => ({
    ...named[i]!,
    pos,
    id: String(node.attrs.id ?? ''),
    words: node.textContent.slice(0, FIRST_WORDS),
    heading: node.type.name === 'heading',
  }));
}

function numbersOf(doc: PMNode): Numbers {
  const places = placesOf(doc);
  const shown = places
    .filter((p) => p.label)
    .map((p) => Decoration.node(p.pos, p.pos + doc.nodeAt(p.pos)!.nodeSize, { 'data-label': p.label }));
  return { places, decorations: DecorationSet.create(doc, shown) };
}

/** numberedPlaces lists the paragraphs and headings of the text, with their numbers. */
export function numberedPlaces(state: EditorState): NumberedPlace[] {
  return key.getState(state)?.places ?? [];
}

/** referenceText is what a reference shows now; "" when its place is gone. */
export function referenceText(places: NumberedPlace[], target: string, form: string): string {
  const place = places.find((p) => p.id !== '' && p.id === target);
  if (!place) return '';
  if (form === 'page') return 'nº da página';
  return form === 'text' ? place.words : place.name;
}

function showReferences(view: EditorView): void {
  const places = numberedPlaces(view.state);
  for (const dom of view.dom.querySelectorAll<HTMLElement>('[data-reference]')) {
    const text = referenceText(places, dom.dataset.reference ?? '', dom.dataset.form ?? '');
    const shown = text || 'referência perdida';
    if (dom.textContent !== shown) dom.textContent = shown;
    dom.classList.toggle('lost', text === '');
  }
}

/** Keeps numbers, references and identifiers in step with the text. */
export const Numbering = Extension.create({
  name: 'numbering',
  addGlobalAttributes: () => [
    {
      types: ['paragraph', 'heading'],
      attributes: {
        id: {
          default: null,
          keepOnSplit: false,
          parseHTML: (el) => el.getAttribute('data-id'),
          renderHTML: (a) => (a.id ? { 'data-id': String(a.id) } : {}),
        },
      },
    },
  ],
  addProseMirrorPlugins() {
    return [
      new Plugin<Numbers>({
        key,
        state: {
          init: (_config, state) => numbersOf(state.doc),
          apply: (tr, before) => (tr.docChanged ? numbersOf(tr.doc) : before),
        },
        props: { decorations: (state) => key.getState(state)?.decorations },
        view: (view) => {
          showReferences(view);
          return { update: (v, before) => (v.state.doc.eq(before.doc) ? undefined : showReferences(v)) };
        },
        // A copied paragraph brings the identifier along; the first keeps it.
        appendTransaction(transactions, _before, state) {
          if (!transactions.some((t) => t.docChanged) || transactions.some((t) => t.getMeta(STORED))) return null;
          const seen = new Set<string>();
          const twice = numberedPlaces(state).filter((p) => p.id && (seen.has(p.id) || !seen.add(p.id)));
          if (!twice.length) return null;
          return twice.reduce((tr, p) => tr.setNodeAttribute(p.pos, 'id', null), state.tr);
        },
      }),
    ];
  },
});

/** newID makes an identifier for a place of the text. */
export function newID(): string {
  return 'p' + Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => (b % 36).toString(36)).join('');
}
