// The editor: what a servant writes is what the page shows, numbers and references included.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assert, test } from './harness.mjs';
import { Servant } from './servant.mjs';

async function writer(t) {
  const central = await t.central();
  const desk = await t.desk(central);
  const servant = await Servant.at(t, desk);
  await servant.login(central, 'SPGG', 'ana.schneider');
  await servant.startProcess({ type: 'Férias', specification: 'Portaria de veículos' });
  return { central, servant };
}

/** style gives the paragraph of the cursor a named style. */
async function style(servant, name) {
  await servant.page.getByLabel('Estilo do parágrafo').selectOption({ label: name });
}

/** pageText is the preview's text as another program reads it, once it shows the words. */
async function pageText(t, servant, words) {
  return t.until(`the page shows ${words}`, async () => {
    const url = await servant.page.getByTestId('preview').getAttribute('data-url');
    if (!url) return '';
    const file = path.join(t.directory, 'preview.pdf');
    await writeFile(file, await servant.read(url));
    const text = execFileSync('pdftotext', [file, '-']).toString().replace(/\u00ad\s*/g, '').replace(/\s+/g, ' ');
    return text.includes(words) ? text : '';
  });
}

test('a normative act numbers itself, and a reference follows the place that it names', async (t) => {
  const { servant } = await writer(t);
  const { page } = servant;
  await servant.addDocument('Portaria');
  await servant.editor.click();
  await style(servant, 'Capítulo I');
  await page.keyboard.type('Disposições gerais');
  await page.keyboard.press('Enter');
  await style(servant, 'Artigo (Art. 1º)');
  await page.keyboard.type('Os veículos são usados em serviço.');
  await page.keyboard.press('Enter');
  await page.keyboard.type('Responde pela multa o condutor.');
  await page.keyboard.press('Enter');
  await style(servant, 'Parágrafo (§ 1º, parágrafo único)');
  await page.keyboard.type('A regra do ');
  await servant.button('Inserir').click();
  await page.getByRole('menuitem', { name: /^Referência a outra parte/ }).click();
  const dialog = servant.dialog('Referência a outra parte do texto');
  await dialog.getByLabel('Procurar no texto').fill('multa');
  await dialog.getByRole('radio', { name: /Art. 2º/ }).check();
  await t.accessible(page);
  await servant.shot('editor-reference');
  await servant.button('Aplicar', dialog).click();
  await page.keyboard.type(' não vale em emergência.');
  const label = (words) => servant.editor.locator('p', { hasText: words }).getAttribute('data-label');
  assert((await label('não vale')) === 'Parágrafo único.', 'a single paragraph has a number');
  assert((await servant.editor.locator('.reference').innerText()) === 'art. 2º', 'the reference does not name the article');
  await pageText(t, servant, 'Parágrafo único. A regra do art. 2º não vale em emergência.');

  // A new article before it: the numbers move, and the reference with them.
  await servant.editor.locator('p', { hasText: 'em serviço' }).click();
  await t.until('the cursor is in the article', async () => (await page.getByLabel('Estilo do parágrafo').inputValue()) === 'Norma_Artigo');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('O uso particular é vedado.');
  assert((await servant.editor.locator('.reference').innerText()) === 'art. 3º', 'the reference did not follow');
  const text = await pageText(t, servant, 'O uso particular é vedado.');
  for (const words of ['CAPÍTULO I DISPOSIÇÕES GERAIS', 'Art. 1º Os veículos', 'Art. 2º O uso particular', 'Art. 3º Responde']) {
    assert(text.includes(words), `the page lacks “${words}”:\n${text}`);
  }
  await servant.shot('editor-normative');

  // Without its place the reference says so, on the sheet and on the page, and the page is shown all the same.
  await servant.editor.locator('p', { hasText: 'Responde pela multa' }).click({ clickCount: 3 });
  await t.until('the article is chosen', async () => (await page.getByLabel('Estilo do parágrafo').inputValue()) === 'Norma_Artigo');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await servant.editor.locator('.reference.lost', { hasText: 'referência perdida' }).waitFor();
  await pageText(t, servant, '«referência perdida»');
  await page.getByText('O texto cita uma parte que não existe mais').first().waitFor();
  await servant.shot('editor-lost-reference');
});

test('footnotes, sums in full, contents and links to processes come out on the page', async (t) => {
  const { servant } = await writer(t);
  const { page } = servant;
  const number = await t.until('the process has its number', async () => /^\d/.test(await servant.number()) && servant.number());
  await servant.addDocument('Nota Técnica');
  await servant.write('Custo do reparo: ');
  await servant.button('Inserir').click();
  await page.getByRole('menuitem', { name: /^Valor em reais/ }).click();
  const amount = servant.dialog('Valor em reais');
  await amount.getByLabel('Valor (R$)').fill('1,234.5');
  await servant.button('Aplicar', amount).click();
  await amount.getByText('Digite um valor em reais, como 1.234,56.').waitFor();
  await amount.getByLabel('Valor (R$)').fill('1.234,56');
  await t.accessible(page);
  await servant.shot('editor-amount');
  await servant.button('Aplicar', amount).click();
  await page.keyboard.type(', como orçado');
  await page.keyboard.press('Control+Alt+f');
  const note = servant.dialog('Nota de rodapé');
  await note.getByRole('textbox', { name: 'Texto da nota de rodapé' }).waitFor();
  await page.keyboard.type('Orçamento de ');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('março');
  await t.accessible(page);
  await servant.shot('editor-footnote');
  await servant.button('Aplicar', note).click();
  await page.keyboard.type('.');
  await pageText(t, servant, 'R$ 1.234,56 (mil duzentos e trinta e quatro reais e cinquenta e seis centavos), como orçado1.');
  const text = await pageText(t, servant, '1 Orçamento de março');
  assert(text.includes('Custo do reparo: R$ 1.234,56'), text);

  await page.keyboard.press('Enter');
  await page.keyboard.type('Consta do processo ');
  await servant.button('Inserir').click();
  await page.getByRole('menuitem', { name: /^Link para processo/ }).click();
  const link = servant.dialog('Link para processo ou documento');
  await link.getByLabel('Número ou palavras').fill(number);
  await link.getByRole('radio', { name: new RegExp(number.replaceAll('.', '\\.')) }).first().check();
  await t.accessible(page);
  await servant.shot('editor-protocol');
  await servant.button('Aplicar', link).click();
  await pageText(t, servant, `Consta do processo ${number}`);

  await page.keyboard.press('Enter');
  await page.getByLabel('Estilo do parágrafo').selectOption({ label: 'Título 1' });
  await page.keyboard.type('Conclusão');
  await page.keyboard.press('Control+Home');
  await servant.button('Inserir').click();
  await page.getByRole('menuitem', { name: /^Sumário/ }).click();
  await pageText(t, servant, 'Conclusão');
  await t.until('the contents name the page', async () => /Conclusão[ .]+1 /.test(await pageText(t, servant, 'Conclusão')));

  // The note is changed where it stands.
  await servant.editor.locator('.footnote').dblclick();
  await note.getByRole('textbox').waitFor();
  await page.keyboard.press('End');
  await page.keyboard.type(' de 2026');
  await page.keyboard.press('Enter');
  await pageText(t, servant, 'Orçamento de março de 2026');
  await servant.shot('editor-footnote-page');
  await servant.save();
  await servant.closeEditor();
  await servant.edit();
  assert((await servant.editor.locator('.footnote').count()) === 1, 'the note was not kept');
  assert((await servant.editor.locator('.amount').innerText()).includes('1.234,56'), 'the sum was not kept');
});
