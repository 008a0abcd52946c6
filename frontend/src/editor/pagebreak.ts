import { Node } from '@tiptap/core';
import { TextSelection } from '@tiptap/pm/state';

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    pageBreak: {
      /** Begins a new page after what is before the cursor. */
      insertPageBreak: () => ReturnType;
    };
  }
}

/** A page break stands between blocks of the page's own level. */
export const PageBreak = Node.create({
  name: 'pageBreak',
  group: 'toplevel',
  atom: true,
  selectable: true,
  parseHTML: () => [{ tag: 'div[data-page-break]' }],
  renderHTML: () => ['div', { 'data-page-break': '', class: 'page-break', role: 'separator', 'aria-label': 'Quebra de página' }],
  addCommands() {
    return {
      insertPageBreak:
        () =>
        ({ tr, state, dispatch }) => {
          const { $from } = tr.selection;
          const type = this.type;
          if (!dispatch) return true;
          // In a paragraph of its own level the text divides at the cursor;
          // inside a list or a table the break comes after the whole of it.
          let at = $from.depth === 0 ? tr.selection.to : $from.after(1);
          if ($from.depth === 1 && $from.parent.isTextblock && tr.selection.empty && $from.parentOffset < $from.parent.content.size) {
            if ($from.parentOffset > 0) tr.split($from.pos);
            at = tr.doc.resolve($from.pos).before(1);
            if ($from.parentOffset > 0) at = tr.doc.resolve($from.pos).after(1);
          }
          tr.insert(at, type.create());
          const after = at + 1;
          if (after >= tr.doc.content.size) tr.insert(after, state.schema.nodes.paragraph!.create());
          tr.setSelection(TextSelection.near(tr.doc.resolve(after), 1)).scrollIntoView();
          return true;
        },
    };
  },
  addKeyboardShortcuts() {
    return { 'Mod-Enter': () => this.editor.commands.insertPageBreak() };
  },
  priority: 200,
});
