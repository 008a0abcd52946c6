import { Node } from '@tiptap/core';

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    storedImage: {
      /** Puts a stored picture after the block that the cursor is in. */
      insertStoredImage: (image: { sha256: string; alt: string; width: string | null }) => ReturnType;
    };
  }
}

/** A picture kept by the workstation under the SHA-256 of its bytes. */
export const ImageNode = Node.create<{ url: (sha256: string) => string }>({
  name: 'image',
  group: 'block',
  atom: true,
  draggable: true,
  addOptions: () => ({ url: (sha256) => `/content/image/${sha256}` }),
  addAttributes: () => ({
    sha256: { default: '', parseHTML: (el) => (el.getAttribute('data-sha256') ?? '').toLowerCase(), renderHTML: (a) => ({ 'data-sha256': String(a.sha256) }) },
    alt: { default: '', parseHTML: (el) => el.getAttribute('alt') ?? '' },
    width: { default: null, parseHTML: (el) => el.getAttribute('data-width'), renderHTML: (a) => (a.width ? { 'data-width': String(a.width) } : {}) },
  }),
  // Only pictures that the workstation keeps; others reach the text by insertion.
  parseHTML: () => [{ tag: 'img[data-sha256]' }],
  renderHTML({ node, HTMLAttributes }) {
    return ['img', { ...HTMLAttributes, src: this.options.url(String(node.attrs.sha256)) }];
  },
  addNodeView() {
    return ({ node, HTMLAttributes }) => {
      const dom = document.createElement('figure');
      dom.className = 'stored-image';
      dom.style.textAlign = String(node.attrs.textAlign ?? '');
      const img = document.createElement('img');
      img.src = this.options.url(String(node.attrs.sha256));
      img.alt = String(HTMLAttributes.alt ?? '');
      img.style.width = String(node.attrs.width ?? '');
      img.onerror = () => dom.classList.add('missing');
      dom.append(img);
      if (!node.attrs.alt) {
        const note = document.createElement('figcaption');
        note.textContent = 'Imagem sem descrição';
        dom.append(note);
      }
      return { dom };
    };
  },
  addCommands() {
    return {
      insertStoredImage:
        (image) =>
        ({ chain }) =>
          chain().insertContent({ type: this.name, attrs: image }).run(),
    };
  },
});
