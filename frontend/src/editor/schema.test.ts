import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Editor, type JSONContent } from '@tiptap/core';
import { DOMParser } from '@tiptap/pm/model';
import { afterEach, describe, expect, test } from 'vitest';
import { canonical, editable, emptyText } from './canonical';
import { extensions } from './schema';
import { STORED } from './roomatend';
import { FIELDS, safeHref, STYLES } from './styles';

const here = resolve(__dirname, 'testdata');
const go = resolve(__dirname, '../../../internal/richtext');
const read = (path: string) => readFileSync(path, 'utf8').trim();

let editor: Editor | undefined;
afterEach(() => editor?.destroy());

function edit(content: string): Editor {
  editor = new Editor({
    content: editable(JSON.parse(content) as JSONContent),
    extensions: extensions({ fieldValue: () => '', imageURL: (s) => `/content/image/${s}` }),
    enableContentCheck: true,
  });
  return editor;
}

describe('what the editor gives back is, byte for byte, what internal/richtext writes', () => {
  const cases = [
    ['full', resolve(go, 'testdata/full.json')],
    ['full2', resolve(go, 'testdata/full2.json')],
    ['despacho', resolve(here, 'despacho.json')],
    ['tabelas', resolve(here, 'tabelas.json')],
  ] as const;
  for (const [name, source] of cases) {
    test(name, () => {
      expect(canonical(edit(read(source)).getJSON())).toBe(read(resolve(here, `${name}.canonical.json`)));
    });
    test(`${name}, through the clipboard's HTML`, () => {
      const dom = document.createElement('div');
      dom.innerHTML = edit(read(source)).getHTML();
      const copy = DOMParser.fromSchema(editor!.schema).parse(dom, { preserveWhitespace: 'full' });
      expect(canonical(copy.toJSON() as JSONContent)).toBe(read(resolve(here, `${name}.canonical.json`)));
    });
  }
});

test('the styles, fields and their order are those of internal/richtext', () => {
  const doc = read(resolve(go, 'doc.go'));
  const byConst = new Map([...doc.matchAll(/^\t(\w+)\s+Style = "(\w+)"/gm)].map((m) => [m[1], m[2]]));
  const list = /var styles = \[\]Style\{([^}]*)\}/.exec(doc)![1]!;
  const names = [...list.matchAll(/\w+/g)].map((m) => byConst.get(m[0]));
  expect(STYLES.map((s) => s.name)).toEqual(names);
  const fields = [...read(resolve(go, 'field.go')).matchAll(/^\t\{"(\w+)", "/gm)].map((m) => m[1]);
  expect(FIELDS.map((f) => f.name)).toEqual(fields);
});

test('an empty document has one paragraph', () => {
  expect(emptyText()).toBe('{"type":"doc","attrs":{"schema":2},"content":[{"type":"paragraph","attrs":{"style":"Texto_Justificado","textAlign":null}}]}');
});

test('everything that the toolbar does stays in the schema', () => {
  const e = edit(emptyText());
  e.chain().insertContent('um dois').selectAll().toggleBold().toggleItalic().toggleUnderline().toggleStrike().toggleSuperscript().run();
  e.chain().setTextAlign('center').toggleOrderedList().run();
  e.chain().setTextSelection(e.state.doc.content.size - 2).insertPageBreak().run();
  e.commands.insertTable({ rows: 2, cols: 3, withHeaderRow: true });
  e.commands.addColumnAfter();
  e.commands.addRowAfter();
  e.chain().insertField('processo').setLink({ href: 'https://rs.gov.br/' }).run();
  const out = JSON.parse(canonical(e.getJSON())) as JSONContent;
  expect(new Set(types(out))).toEqual(
    new Set(['doc', 'orderedList', 'listItem', 'paragraph', 'text', 'pageBreak', 'table', 'tableRow', 'tableHeader', 'tableCell', 'field']),
  );
  expect(() => e.state.doc.check()).not.toThrow();
});

test('a table or a page break does not come to stand inside a list or a cell', () => {
  const e = edit(read(resolve(here, 'tabelas.json')));
  e.chain().setTextSelection(4).insertPageBreak().run();
  e.state.doc.descendants((node, _pos, parent) => {
    if (node.type.name === 'pageBreak' || node.type.name === 'table') expect(parent!.type.name).toBe('doc');
  });
  expect(e.state.doc.child(1).type.name).toBe('pageBreak');
});

test('a page break divides the paragraph at the cursor', () => {
  const e = edit(emptyText());
  e.commands.insertContent('antes depois');
  e.chain().setTextSelection(7).insertPageBreak().run();
  const shape = ((e.getJSON() as JSONContent).content ?? []).map((n) => (n.content as JSONContent[] | undefined)?.[0]?.text ?? n.type);
  expect(shape).toEqual(['antes ', 'pageBreak', 'depois']);
});

test('a table that ends the text leaves a paragraph to write in; a stored text is not changed by opening it', () => {
  const e = edit(emptyText());
  e.commands.insertTable({ rows: 1, cols: 1 });
  expect(e.state.doc.lastChild!.type.name).toBe('paragraph');
  const stored = '{"type":"doc","attrs":{"schema":2},"content":[{"type":"horizontalRule"}]}';
  e.chain().setMeta(STORED, true).setContent(JSON.parse(stored) as JSONContent).run();
  expect(canonical(e.getJSON())).toBe(stored);
});

test('only addresses that a PDF can carry become links', () => {
  expect(safeHref('www.rs.gov.br/ação')).toBe('https://www.rs.gov.br/a%C3%A7%C3%A3o');
  expect(safeHref('fulano@rs.gov.br')).toBe('mailto:fulano@rs.gov.br');
  for (const bad of ['javascript:alert(1)', 'file:///c:/x', 'texto', 'https://', 'mailto:', '']) expect(safeHref(bad), bad).toBe('');
});

test('control characters and broken surrogates never reach a document', () => {
  const out = canonical({ type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'a\u0007b\u009dc\ud800d\t"' }] }] });
  expect(out).toContain('"text":"abc\ufffdd\\u0009\\""');
});

function types(n: JSONContent): string[] {
  return [n.type ?? '', ...(n.content ?? []).flatMap(types)];
}
