import { Editor, type JSONContent } from '@tiptap/core';
import { DOMParser, Slice } from '@tiptap/pm/model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonical } from './canonical';
import { cleanHTML, cleanText, pasteOverEmpty } from './paste';
import { extensions } from './schema';

let editor: Editor;
beforeEach(() => {
  editor = new Editor({ extensions: extensions({ fieldValue: () => '', imageURL: (s) => s }) });
});
afterEach(() => editor.destroy());

/** pasted is what a paste of the HTML leaves in an empty document. */
function pasted(html: string): { doc: JSONContent; text: string; notes: string[] } {
  const clean = cleanHTML(html);
  const dom = document.createElement('div');
  dom.innerHTML = clean.html;
  const node = DOMParser.fromSchema(editor.schema).parse(dom);
  node.check();
  const doc = JSON.parse(canonical(node.toJSON() as JSONContent)) as JSONContent;
  return { doc, text: node.textBetween(0, node.content.size, '\n', (n) => (n.type.name === 'hardBreak' ? '\n' : '')), notes: clean.notes };
}

const kinds = (doc: JSONContent) => (doc.content ?? []).map((n) => n.type);

test("Word's list paragraphs become lists, with their levels and numbering", () => {
  const item = (level: number, sign: string, text: string) =>
    `<p class=MsoListParagraph style='margin-left:36.0pt;mso-list:l0 level${level} lfo1'><![if !supportLists]><span style='mso-list:Ignore'>${sign}<span>&nbsp;&nbsp;</span></span><![endif]>${text}<o:p></o:p></p>`;
  const { doc, text } = pasted(`<p class=MsoNormal>Antes</p>${item(1, '1.', 'um')}${item(2, 'a)', 'alínea')}${item(1, '2.', 'dois')}<p>Depois</p>`);
  expect(kinds(doc)).toEqual(['paragraph', 'orderedList', 'paragraph']);
  const list = doc.content![1]!;
  expect(list.content).toHaveLength(2);
  expect(list.content![0]!.content!.map((n) => n.type)).toEqual(['paragraph', 'orderedList']);
  expect(list.content![0]!.content![1]!.attrs).toEqual({ start: 1, type: 'a' });
  expect(text).not.toContain('1.');
});

test("Word's bullets become a bullet list", () => {
  const { doc } = pasted(`<p style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>·<span>&nbsp;</span></span>ponto</p>`);
  expect(kinds(doc)).toEqual(['bulletList']);
});

test("SEI's paragraph classes keep their style", () => {
  const { doc } = pasted('<p class="Paragrafo_Numerado_Nivel1">um</p><p class="Inventado">dois</p>');
  expect(doc.content!.map((n) => n.attrs!.style)).toEqual(['Paragrafo_Numerado_Nivel1', 'Texto_Justificado']);
});

test('bold, alignment and links of LibreOffice are kept; unsafe links leave their words', () => {
  const { doc } = pasted('<p align="center"><font face="Arial"><b>Forte</b> <a href="https://rs.gov.br">ok</a> <a href="javascript:x()">não</a></font></p>');
  const p = doc.content![0]!;
  expect(p.attrs!.textAlign).toBe('center');
  expect(p.content![0]).toEqual({ type: 'text', marks: [{ type: 'bold' }], text: 'Forte' });
  expect(p.content!.some((n) => n.marks?.some((m) => m.type === 'link' && m.attrs!.href === 'https://rs.gov.br/'))).toBe(true);
  expect(p.content!.at(-1)).toEqual({ type: 'text', text: ' não' });
});

test('nothing is lost in silence: every word stays, and what has no place is named', () => {
  const { text, notes, doc } = pasted(`
    <h5>Título cinco</h5><dl><dt>termo</dt><dd>definição</dd></dl>
    <table><caption>Legenda</caption><tr><td>fora<table><tr><td>dentro um</td><td>dentro dois</td></tr></table></td></tr></table>
    <pre>linha a\nlinha b</pre><ul><li>item<table><tr><td>em lista</td></tr></table></li></ul>
    <img src="https://x/y.png" alt="Mapa da obra"><svg><text>gráfico</text></svg>
    <input type="checkbox" checked> sim <input value="digitado"><select><option>a<option selected>escolhido</select><textarea>nota</textarea>
    <custom-thing>estranho</custom-thing><details><summary>resumo</summary>detalhe</details>`);
  for (const word of ['Título cinco', 'termo', 'definição', 'Legenda', 'fora', 'dentro um', 'dentro dois', 'linha a', 'linha b', 'item', 'em lista', 'Mapa da obra', 'gráfico', '[X]', 'digitado', 'escolhido', 'nota', 'estranho', 'resumo', 'detalhe']) {
    expect(text, word).toContain(word);
  }
  expect(notes).toHaveLength(2);
  expect(notes.join()).toContain('2 imagens');
  expect(doc.content![0]).toMatchObject({ type: 'heading', attrs: { level: 3 } });
});

test('scripts, styles, comments and hidden text do not come along', () => {
  const { text } = pasted('<style>p{}</style><!-- oculto --><script>alert(1)</script><p>visível<span style="mso-hide:all">escondido</span></p>');
  expect(text).toBe('visível');
});

test("Word's page break becomes one", () => {
  const { doc } = pasted("<p>um</p><p><span><br clear=all style='page-break-before:always'></span></p><p>dois</p>");
  expect(kinds(doc)).toEqual(['paragraph', 'pageBreak', 'paragraph']);
});

test('a table wider than the schema allows becomes lines of text', () => {
  const { doc, notes } = pasted(`<table><tr>${'<td>c</td>'.repeat(41)}</tr></table>`);
  expect(kinds(doc)).toEqual(['paragraph']);
  expect(notes[0]).toContain('40 colunas');
});

test('blocks pasted into an empty paragraph keep their own style; plain words take the style that is there', () => {
  const slice = (html: string) => {
    const dom = document.createElement('div');
    dom.innerHTML = cleanHTML(html).html;
    return DOMParser.fromSchema(editor.schema).parseSlice(dom);
  };
  const centred = pasteOverEmpty(editor.state, slice('<p style="text-align:center">um</p><p>dois</p>'));
  expect(centred!.doc.toJSON().content.map((n: JSONContent) => n.attrs!.textAlign)).toEqual(['center', null]);
  expect(centred!.selection.$from.parent.textContent).toBe('dois');
  expect(pasteOverEmpty(editor.state, slice('<p>só palavras</p>'))).toBeNull();
  editor.commands.insertContent('já há texto');
  expect(pasteOverEmpty(editor.state, slice('<p style="text-align:center">um</p>'))).toBeNull();
  expect(pasteOverEmpty(editor.state, Slice.empty)).toBeNull();
});

test('control characters are left out of what is pasted', () => {
  expect(cleanText('a\u0000b\u000b\r\nc\td')).toBe('ab\nc\td');
  expect(pasted('<p>a&#x7;b</p>').text).toBe('ab');
});
