// What only shows on the way: dialogs of the editor and of many processes, the result of signing, files that are no PDF.
import { test } from './harness.mjs';
import { dialog, sound } from './senses.mjs';
import { Servant, demoPassword } from './servant.mjs';

const secondment = 'Cessão de servidor para projeto de modernização';

// One white point.
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4////fwAJ+wP9KobjigAAAABJRU5ErkJggg==', 'base64');

test('dialogs for many processes, of the editor, the result of signing and other files are sound too', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central));
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  await ana.line(secondment).first().waitFor();
  await many(t, ana);
  await texts(t, ana);
  await result(t, ana);
  await files(t, ana);
}, { timeout: 300_000 });

async function many(t, ana) {
  const { page } = ana;
  await ana.line(secondment).first().getByRole('checkbox').check();
  await ana.line('Aquisição de mobiliário').first().getByRole('checkbox').check();
  const bar = page.getByRole('toolbar', { name: 'Ações para os processos marcados' });
  await bar.waitFor();
  await sound(t, ana, 'bulk');
  for (const [button, title] of [['Atribuir', 'Atribuir Processo'], ['Enviar', 'Enviar Processo'], ['Concluir', 'Concluir Processo']]) {
    await ana.button(button, bar).click();
    await dialog(t, ana, title, 'bulk-');
  }
  await ana.button('Desmarcar', bar).click();
  await bar.waitFor({ state: 'detached' });
}

async function texts(t, ana) {
  const { page } = ana;
  await ana.open(secondment);
  await ana.tree.getByRole('treeitem', { name: /minuta/ }).click();
  await ana.edit();
  await ana.editor.getByText('Nada a opor').waitFor();
  for (const [key, title] of [['Control+Shift+K', 'Link'], ['Control+Shift+G', 'Inserir imagem']]) {
    await ana.editor.click();
    await page.keyboard.press(key);
    await dialog(t, ana, title);
  }
  await ana.closeEditor();
}

async function result(t, ana) {
  await ana.startSigning();
  await ana.signDialog.getByRole('radio', { name: 'Senha' }).check();
  await ana.takePosition('Chefe de Gabinete');
  await ana.signDialog.getByLabel('Senha').last().fill(demoPassword);
  await ana.signDialog.getByRole('button', { name: 'Assinar', exact: true }).click();
  await ana.signDialog.getByText('O documento foi assinado.').first().waitFor({ timeout: 60_000 });
  await sound(t, ana, 'sign-result');
  await ana.finishSigning();
  await ana.idle();
}

async function files(t, ana) {
  const form = ana.dialog('Registrar Documento Externo');
  const dropped = async (name, data, mime) => {
    await ana.drop(name, data, mime);
    await form.getByText(name).first().waitFor();
  };
  await dropped('lista.txt', Buffer.from('Lista de presença.\n'), 'text/plain');
  await ana.fillExternal({ type: 'Anexo', treeName: 'Presenças' });
  await ana.choose(/Presenças/);
  await ana.page.getByRole('region', { name: 'lista.txt' }).getByText('Lista de presença.').waitFor();
  await sound(t, ana, 'viewer-text');
  // A picture and what is not shown at all are looked at before they are registered.
  for (const [name, data, mime] of [['foto.png', picture, 'image/png'], ['pasta.zip', Buffer.from('PK\u0005\u0006' + '\u0000'.repeat(18), 'latin1'), 'application/zip']]) {
    await dropped(name, data, mime);
    await ana.button('Ver o arquivo', form).click();
    await ana.dialog(name).getByText(name === 'foto.png' ? name : 'Este tipo de arquivo não é mostrado aqui').first().waitFor();
    await dialog(t, ana, name, 'viewer-');
    await ana.button('Cancelar', form).click();
    await form.waitFor({ state: 'detached' });
  }
}
