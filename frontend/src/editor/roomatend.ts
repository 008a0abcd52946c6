import { Extension } from '@tiptap/core';
import { Plugin } from '@tiptap/pm/state';

/** Transactions that carry this show a stored text: it is left as it is. */
export const STORED = 'storedText';

const closed = new Set(['table', 'image', 'horizontalRule', 'pageBreak', 'tableOfContents', 'section']);

/**
 * Leaves a paragraph to write in after a table, picture, rule or page break that a
 * change brought to the end of the text. A text that is only opened is not touched:
 * it would look changed.
 */
export const RoomAtEnd = Extension.create({
  name: 'roomAtEnd',
  addProseMirrorPlugins() {
    return [
      new Plugin({
        appendTransaction(transactions, _before, state) {
          if (!transactions.some((t) => t.docChanged) || transactions.some((t) => t.getMeta(STORED))) return null;
          const last = state.doc.lastChild;
          if (!last || !closed.has(last.type.name)) return null;
          return state.tr.insert(state.doc.content.size, state.schema.nodes.paragraph!.create());
        },
      }),
    ];
  },
});
