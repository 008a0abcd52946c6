// Find and replace inside the text: matches are marked, the present one stands
// out, and a replacement is one step that can be undone.
import { Extension } from '@tiptap/core';
import type { Node as PMNode } from '@tiptap/pm/model';
import { Plugin, PluginKey, TextSelection, type EditorState } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';

/** A match of the search, in positions of the document. */
export interface Match {
  from: number;
  to: number;
}

/** What is looked for and where the search stands. */
export interface FindState {
  term: string;
  matchCase: boolean;
  matches: Match[];
  current: number;
}

const key = new PluginKey<FindState>('find');
const nothing: FindState = { term: '', matchCase: false, matches: [], current: -1 };
const maxMatches = 5000;

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    find: {
      /** Looks for a term from the cursor on; "" ends the search. */
      setFind: (term: string, matchCase: boolean) => ReturnType;
      /** Goes to the next (1) or previous (-1) match. */
      stepFind: (step: 1 | -1) => ReturnType;
      /** Replaces the present match, or every one. */
      replaceFound: (text: string, all: boolean) => ReturnType;
    };
  }
}

/** fold makes letters equal whatever their case and accents, keeping the length. */
export function fold(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    const plain = c.normalize('NFD').charAt(0).toLowerCase();
    out += plain.length === 1 ? plain : c;
  }
  return out;
}

/** findMatches lists where the term stands in the text's paragraphs, in reading order. */
export function findMatches(doc: PMNode, term: string, matchCase: boolean): Match[] {
  const out: Match[] = [];
  const wanted = matchCase ? term : fold(term);
  if (wanted === '') return out;
  doc.descendants((node, pos) => {
    if (!node.isTextblock || out.length >= maxMatches) return !node.isTextblock;
    // One character for each leaf keeps offsets equal to positions.
    const text = node.textBetween(0, node.content.size, undefined, '\ufffc');
    const hay = matchCase ? text : fold(text);
    for (let at = hay.indexOf(wanted); at >= 0 && out.length < maxMatches; at = hay.indexOf(wanted, at + wanted.length)) {
      out.push({ from: pos + 1 + at, to: pos + 1 + at + wanted.length });
    }
    return false;
  });
  return out;
}

/** findState tells where the search of this editor stands. */
export function findState(state: EditorState): FindState {
  return key.getState(state) ?? nothing;
}

function nearest(matches: Match[], pos: number): number {
  const i = matches.findIndex((m) => m.from >= pos);
  return matches.length === 0 ? -1 : Math.max(0, i);
}

export const Find = Extension.create({
  name: 'find',
  addCommands() {
    return {
      setFind:
        (term, matchCase) =>
        ({ tr, dispatch }) => {
          const matches = findMatches(tr.doc, term, matchCase);
          dispatch?.(tr.setMeta(key, { term, matchCase, matches, current: nearest(matches, tr.selection.from) } satisfies FindState));
          return true;
        },
      stepFind:
        (step) =>
        ({ tr, state, dispatch }) => {
          const s = findState(state);
          if (s.matches.length === 0) return false;
          const current = (s.current + step + s.matches.length) % s.matches.length;
          const m = s.matches[current]!;
          tr.setSelection(TextSelection.create(tr.doc, m.from, m.to)).scrollIntoView();
          dispatch?.(tr.setMeta(key, { ...s, current } satisfies FindState));
          return true;
        },
      replaceFound:
        (text, all) =>
        ({ tr, state, dispatch }) => {
          const s = findState(state);
          const chosen = all ? s.matches : s.matches.slice(s.current, s.current + 1);
          if (s.current < 0 || chosen.length === 0) return false;
          for (const m of [...chosen].reverse()) {
            const marks = tr.doc.resolve(m.from + 1).marks();
            if (text === '') tr.delete(m.from, m.to);
            else tr.replaceWith(m.from, m.to, state.schema.text(text, marks));
          }
          const next = chosen[0]!.from + text.length;
          const matches = findMatches(tr.doc, s.term, s.matchCase);
          dispatch?.(tr.setMeta(key, { ...s, matches, current: nearest(matches, next) } satisfies FindState));
          return true;
        },
    };
  },
  addProseMirrorPlugins() {
    return [
      new Plugin<FindState>({
        key,
        state: {
          init: () => nothing,
          apply(tr, s) {
            const told = tr.getMeta(key) as FindState | undefined;
            if (told) return told;
            if (!tr.docChanged || s.term === '') return s;
            const matches = findMatches(tr.doc, s.term, s.matchCase);
            return { ...s, matches, current: Math.min(s.current, matches.length - 1) };
          },
        },
        props: {
          decorations(state) {
            const s = findState(state);
            if (s.matches.length === 0) return null;
            return DecorationSet.create(
              state.doc,
              s.matches.map((m, i) => Decoration.inline(m.from, m.to, { class: i === s.current ? 'found found-now' : 'found' })),
            );
          },
        },
      }),
    ];
  },
});
