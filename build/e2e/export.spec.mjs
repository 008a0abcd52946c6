// A copy of a whole process: one PDF to read, a ZIP of the originals.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { assert, test } from './harness.mjs';
import { Servant, pdf, readFile } from './servant.mjs';

test('a whole process is taken along as one PDF and as a ZIP', async (t) => {
  const central = await t.central();
  const desk = await t.desk(central);
  const servant = await Servant.at(t, desk);
  const { page } = servant;
  await servant.login(central, 'SPGG', 'ana.schneider');
  await servant.startProcess({ type: 'Férias', specification: 'Cópia do processo' });
  for (const words of ['primeiro anexo', 'segundo anexo']) {
    await servant.drop(`${words}.pdf`, pdf(words));
    await servant.fillExternal({ type: 'Anexo', treeName: words, sender: 'Maria' });
  }
  await servant.addDocument('Despacho');
  await servant.write('Minuta que não entra na cópia.');
  await servant.save();
  await servant.closeEditor();
  await servant.idle();

  await servant.button(/^Gerar PDF ou ZIP/).click();
  const dialog = servant.dialog('Gerar PDF ou ZIP do Processo');
  await dialog.getByText('Documentos (2 escolhidos)').waitFor();
  await t.accessible(page);
  await servant.shot('export-choose');
  await servant.button('Gerar', dialog).click();
  await dialog.getByText('Pronto.').waitFor();
  await t.accessible(page);
  await servant.shot('export-ready');
  let arrives = page.waitForEvent('download');
  await servant.button('Salvar', dialog).click();
  const copy = path.join(t.directory, 'copia.pdf');
  await (await arrives).saveAs(copy);
  const text = execFileSync('pdftotext', [copy, '-']).toString().replace(/\s+/g, ' ');
  for (const words of ['Relação dos documentos', 'fl. 2', 'primeiro anexo', 'segundo anexo', 'fl. 3 de 3']) {
    assert(text.toLowerCase().includes(words.toLowerCase()), `the copy lacks “${words}”:\n${text}`);
  }
  assert(!text.includes('Minuta que'), 'a minute went into the copy');

  await servant.button('Gerar outro', dialog).click();
  await dialog.getByRole('radio', { name: /^ZIP/ }).check();
  await servant.button('Gerar', dialog).click();
  await dialog.getByText('Pronto.').waitFor();
  arrives = page.waitForEvent('download');
  await servant.button('Salvar', dialog).click();
  const zip = path.join(t.directory, 'copia.zip');
  await (await arrives).saveAs(zip);
  const entries = await readFile(zip); // the names stand in it in clear
  for (const name of ['001_', '002_', 'relacao.csv']) assert(entries.includes(name), `the ZIP lacks ${name}`);
  await servant.button('Fechar', dialog).last().click();
  await dialog.waitFor({ state: 'detached' });
});
