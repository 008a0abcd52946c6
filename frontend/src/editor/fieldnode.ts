import { InputRule, Node, PasteRule } from '@tiptap/core';
import { fieldLabel, knownField } from './styles';

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    field: {
      /** Puts a field at the cursor. */
      insertField: (name: string) => ReturnType;
    };
  }
}

/**
 * A field such as @processo@: the system fills it in when the document is
 * frozen. It is shown with the value that it has now; typing its name between
 * at signs makes one, as in SEI.
 */
export const FieldNode = Node.create<{ value: (name: string) => string }>({
  name: 'field',
  group: 'inline',
  inline: true,
  atom: true,
  addOptions: () => ({ value: () => '' }),
  addAttributes: () => ({
    name: { default: '', parseHTML: (el) => el.getAttribute('data-field') ?? '', renderHTML: (a) => ({ 'data-field': String(a.name) }) },
  }),
  parseHTML: () => [{ tag: 'span[data-field]', getAttrs: (el) => (knownField(el.getAttribute('data-field') ?? '') ? null : false) }],
  renderHTML: ({ node, HTMLAttributes }) => ['span', HTMLAttributes, `@${node.attrs.name}@`],
  renderText: ({ node }) => `@${node.attrs.name}@`,
  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement('span');
      const name = String(node.attrs.name);
      const value = this.options.value(name);
      dom.className = value ? 'field-chip' : 'field-chip without-value';
      dom.dataset.field = name;
      dom.textContent = value || `@${name}@`;
      dom.title = value ? `Campo @${name}@: ${fieldLabel(name)}` : `Campo @${name}@ (${fieldLabel(name)}): ainda sem valor`;
      return { dom };
    };
  },
  addCommands() {
    return {
      insertField:
        (name) =>
        ({ commands }) =>
          commands.insertContent({ type: this.name, attrs: { name } }),
    };
  },
  addInputRules() {
    return [
      new InputRule({
        find: /@([a-z_]+)@$/,
        handler: ({ state, range, match }) => {
          const name = match[1] ?? '';
          if (!knownField(name)) return null;
          const marks = state.doc.resolve(range.from).marks();
          state.tr.replaceWith(range.from, range.to, this.type.create({ name }, null, marks));
        },
      }),
    ];
  },
  addPasteRules() {
    return [
      new PasteRule({
        find: /@([a-z_]+)@/g,
        handler: ({ state, range, match }) => {
          const name = match[1] ?? '';
          if (!knownField(name)) return null;
          state.tr.replaceWith(range.from, range.to, this.type.create({ name }));
        },
      }),
    ];
  },
});
