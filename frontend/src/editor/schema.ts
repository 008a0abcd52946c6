// The editor's schema: TipTap extensions narrowed to what internal/richtext
// knows. Whatever a document may not hold cannot exist in the editor either.
import { Extension, Node, type Extensions } from '@tiptap/core';
import { ListItem } from '@tiptap/extension-list';
import Subscript from '@tiptap/extension-subscript';
import Superscript from '@tiptap/extension-superscript';
import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table';
import TextAlign from '@tiptap/extension-text-align';
import StarterKit from '@tiptap/starter-kit';
import { FieldNode } from './fieldnode';
import { Find } from './find';
import { ImageNode } from './imagenode';
import { AmountNode, ContentsNode, FootnoteNode, ProtocolNode, ReferenceNode, SectionNode } from './nodes2';
import { Numbering } from './numbering';
import { PageBreak } from './pagebreak';
import { RoomAtEnd } from './roomatend';
import { DEFAULT_STYLE, SCHEMA, knownStyle, safeHref } from './styles';

/** What the schema shows but does not hold: values of fields, addresses of pictures. */
export interface SchemaOptions {
  /** The value that a field has now, "" when it has none. */
  fieldValue: (name: string) => string;
  /** Where a picture's bytes are. */
  imageURL: (sha256: string) => string;
}

/**
 * Blocks that may stand anywhere are in the group "block"; a table, a page break
 * and the table of contents stand at the page's own level or in a template's part.
 */
const Doc = Node.create({
  name: 'doc',
  topNode: true,
  content: '(block | toplevel | section)+',
  addAttributes: () => ({ schema: { default: SCHEMA, rendered: false } }),
});

const NamedStyle = Extension.create({
  name: 'namedStyle',
  addGlobalAttributes: () => [
    {
      types: ['paragraph'],
      attributes: {
        style: {
          default: DEFAULT_STYLE,
          parseHTML: (el) => styleOf(el),
          renderHTML: (attrs) => ({ class: String(attrs.style) }),
        },
      },
    },
  ],
});

/** styleOf finds a style that the pasted or stored paragraph names in its class, as SEI writes it. */
function styleOf(el: HTMLElement): string {
  return [...el.classList].find((c) => knownStyle(c)) ?? DEFAULT_STYLE;
}

/** How many columns, rows and widths a cell takes; its alignment is its paragraphs'. */
const cellAttributes = () => ({
  colspan: { default: 1, parseHTML: (el: HTMLElement) => span(el, 'colspan') },
  rowspan: { default: 1, parseHTML: (el: HTMLElement) => span(el, 'rowspan') },
  colwidth: {
    default: null,
    parseHTML: (el: HTMLElement) => el.getAttribute('colwidth')?.split(',').map(Number) ?? null,
  },
});

function span(el: HTMLElement, name: string): number {
  const n = Number(el.getAttribute(name));
  return Number.isInteger(n) && n > 0 && n <= 1000 ? n : 1;
}

/** extensions is the whole closed schema. */
export function extensions(options: SchemaOptions): Extensions {
  return [
    Doc,
    StarterKit.configure({
      document: false,
      code: false,
      codeBlock: false,
      trailingNode: false,
      heading: { levels: [1, 2, 3] },
      link: {
        openOnClick: false,
        autolink: false,
        linkOnPaste: false,
        protocols: ['http', 'https', 'mailto'],
        isAllowedUri: (uri) => safeHref(uri) !== '',
        HTMLAttributes: { target: null, rel: null, class: null },
      },
      listItem: false,
      undoRedo: { depth: 300 },
    }),
    // An item may begin with any block, as internal/richtext allows.
    ListItem.extend({ content: 'block+' }),
    NamedStyle,
    TextAlign.configure({ types: ['paragraph', 'heading', 'image'], alignments: ['left', 'center', 'right', 'justify'] }),
    Subscript.extend({ excludes: 'superscript' }),
    Superscript.extend({ excludes: 'subscript' }),
    // Cells hold no tables: the type "table" is outside the group "block".
    Table.extend({ group: 'toplevel' }).configure({ resizable: true, cellMinWidth: 40, lastColumnResizable: false }),
    TableRow,
    TableHeader.extend({ addAttributes: cellAttributes }),
    TableCell.extend({ addAttributes: cellAttributes }),
    ImageNode.configure({ url: options.imageURL }),
    FieldNode.configure({ value: options.fieldValue }),
    PageBreak,
    FootnoteNode,
    ReferenceNode,
    ProtocolNode,
    AmountNode,
    ContentsNode,
    SectionNode,
    Numbering,
    RoomAtEnd,
    Find,
  ];
}
