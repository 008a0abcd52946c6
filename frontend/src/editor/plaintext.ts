import type { JSONContent } from '@tiptap/core';

/** plainText is what a run of a stored text says, without its form. */
export function plainText(content: JSONContent[]): string {
  return content
    .map((n) => {
      switch (n.type) {
        case 'text':
          return n.text ?? '';
        case 'hardBreak':
          return ' ';
        case 'field':
          return `@${String(n.attrs?.name ?? '')}@`;
        case 'protocolLink':
          return String(n.attrs?.label ?? '');
        default:
          return '';
      }
    })
    .join('');
}
