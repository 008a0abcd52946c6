// The main job, in the window: from a draft without network to a signed document in another
// agency's hands, and its check by anyone.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assert, test } from './harness.mjs';
import { Servant, demoPassword, pdf, signer, waiting } from './servant.mjs';

const subject = 'Ampliação de leitos de retaguarda na Serra';
const received = pdf('Ata da reuniao da diretoria');

test('a document drafted and signed without network reaches another agency and comes back', async (t) => {
  const keys = await signer(t, 'SPGG', 'ana.schneider');
  const central = await t.central({ args: ['--trust-roots', keys.roots] });
  const spgg = await t.desk(central, { name: 'spgg', args: ['--pkcs11-module', keys.module], env: { SOFTHSM2_CONF: keys.config } });
  const ses = await t.desk(central, { name: 'ses' });

  const ana = await firstDay(t, central, spgg);
  const igor = await Servant.at(t, ses);
  await igor.login(central, 'SES', 'igor.pacheco');
  await igor.connected();

  await central.kill();
  const alone = await secondDay(t, spgg, ana);
  await startAndWrite(alone);
  await register(alone);
  await signWithToken(alone, keys);
  await signWithFile(alone, keys);
  await withdraw(alone);
  await queueSending(alone);

  await central.start();
  await alone.idle();
  const number = await numbered(alone);
  await receive(igor, number);
  await draft(igor);
  const helena = await chief(igor, number);
  await back(helena);
  await home(alone, number);
  await anyone(t, central, alone);
}, { timeout: 300_000 });

async function firstDay(t, central, desk) {
  const ana = await Servant.at(t, desk);
  await ana.showCentral(central.url);
  await ana.shot('01-login');
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  await ana.page.getByRole('heading', { name: /^Recebidos/ }).waitFor();
  await ana.page.getByRole('heading', { name: /^Gerados/ }).waitFor();
  await ana.shot('02-inbox');
  await ana.page.keyboard.press('Alt+F11');
  await ana.page.getByRole('menuitemradio', { name: /SPGG\/DEPLAN/ }).click();
  await ana.page.getByTestId('acting-unit').filter({ hasText: 'SPGG/DEPLAN' }).waitFor();
  await ana.line('Aquisição de mobiliário').waitFor({ state: 'detached' });
  await ana.page.keyboard.press('Alt+F11');
  await ana.page.getByRole('menuitemradio', { name: /SPGG\/GAB/ }).click();
  await ana.line('Aquisição de mobiliário').first().waitFor();
  return ana;
}

// The window is opened again, without a network.
async function secondDay(t, desk, ana) {
  await ana.page.context().close();
  await desk.stop();
  await desk.start();
  const again = await Servant.at(t, desk);
  await again.page.getByText('A central não respondeu.').waitFor();
  await again.shot('03-login-offline');
  await again.unlock('SPGG', 'ana.schneider');
  await again.page.locator('[data-testid="connection"][data-phase="offline"]').waitFor();
  return again;
}

async function startAndWrite(ana) {
  await ana.startProcess({ type: 'Convênio', specification: subject, interested: 'Maria Aparecida Lopes 529.982.247-25' });
  assert(/^SEM NÚMERO/.test(await ana.number()), `without the central the process shows ${await ana.number()}`);
  await ana.shot('04-new-process');
  await ana.addDocument('Despacho');
  await ana.write('Encaminhe-se à Secretaria da Saúde para manifestação.', 'Há interesse deste gabinete na ampliação proposta.');
  await ana.page.getByText('Nada impede a assinatura.').waitFor();
  await ana.save();
  await ana.page.getByRole('group', { name: 'Página como será assinada' }).locator('canvas').first().waitFor();
  await ana.shot('05-editor');
  await ana.closeEditor();
}

async function register(ana) {
  await ana.drop('ata.pdf', received);
  await ana.dialog('Registrar Documento Externo').getByText('ata.pdf').first().waitFor();
  await ana.shot('06-external-form');
  await ana.fillExternal({ type: 'Ata', treeName: 'Diretoria', sender: 'Associação Hospitalar da Serra' });
  await ana.choose(/Ata Diretoria/);
  await ana.pages();
  await ana.shot('07-external-shown');
}

async function signWithToken(ana, keys) {
  await ana.choose(/Despacho/);
  await ana.pages();
  await ana.startSigning();
  const dialog = ana.signDialog;
  assert(await dialog.getByRole('radio', { name: 'Senha' }).isDisabled(), 'the password may be used without the central');
  await dialog.getByRole('radio', { name: keys.name }).check();
  await ana.takePosition('Chefe de Gabinete');
  await dialog.getByLabel('PIN do token').fill('errado-0000');
  await ana.shot('08-sign');
  await dialog.getByRole('button', { name: 'Assinar', exact: true }).click();
  await dialog.getByText(/PIN.*(incorreto|errado|não confere)/i).first().waitFor();
  await ana.shot('09-wrong-pin');
  await dialog.getByLabel('PIN do token').fill(keys.pin);
  await dialog.getByRole('button', { name: 'Assinar', exact: true }).click();
  await ana.finishSigning();
  await ana.panel('Assinaturas e verificação');
  await ana.side.getByRole('article', { name: new RegExp(keys.name) }).getByText(waiting).first().waitFor();
  await ana.shot('10-signed-waiting');
}

async function signWithFile(ana, keys) {
  await ana.addDocument('Despacho');
  await ana.write('Junte-se a ata recebida.');
  await ana.save();
  await ana.closeEditor();
  await ana.startSigning();
  const dialog = ana.signDialog;
  await ana.button('Usar arquivo PFX/P12', dialog).click();
  await ana.chooseFile(ana.button('Escolher arquivo: Arquivo do certificado (.pfx ou .p12)', dialog), keys.pfx);
  await dialog.getByLabel('Senha do arquivo', { exact: true }).fill(keys.pfxPassword);
  await ana.button('Abrir certificado', dialog).click();
  await dialog.locator('label').filter({ hasText: keys.name }).filter({ hasText: /\.pfx|Arquivo/i }).first().click();
  await dialog.getByLabel('Senha do arquivo do certificado').fill(keys.pfxPassword);
  await ana.shot('11-sign-pfx');
  await dialog.getByRole('button', { name: 'Assinar', exact: true }).click();
  await ana.finishSigning();
}

async function withdraw(ana) {
  await ana.button(/^Atualizar Andamento/).click();
  const dialog = ana.dialog('Atualizar Andamento');
  await dialog.getByLabel('Descrição').fill('Anotação que será retirada.');
  await ana.button('Salvar', dialog).click();
  await dialog.waitFor({ state: 'detached' });
  await ana.goto('Aguardando envio');
  const entries = ana.page.getByTestId('outbox-entry');
  const note = entries.filter({ hasText: /andamento/i });
  await note.waitFor();
  const before = await entries.count();
  for (const words of await entries.allInnerTexts()) assert(words.includes(waiting), `an entry of the queue says: ${words}`);
  await ana.statusBar.getByRole('button', { name: `${before} ${waiting}` }).waitFor();
  await ana.shot('12-outbox');
  await ana.button('Retirar', note).click();
  await ana.button('Retirar', ana.dialog('Retirar da fila')).click();
  await note.waitFor({ state: 'detached' });
  await ana.statusBar.getByRole('button', { name: `${before - 1} ${waiting}` }).waitFor();
}

async function queueSending(ana) {
  await ana.goto('Controle de Processos');
  await ana.line(subject, 'Gerados').getByText(waiting).waitFor();
  await ana.shot('13-inbox-waiting');
  await ana.open(subject);
  await ana.button(/^Enviar Processo/).first().click();
  const dialog = ana.dialog('Enviar Processo');
  await ana.pick('Unidades de destino', 'SES/GAB', dialog);
  await dialog.getByText(/Sem conexão agora/).waitFor();
  await ana.shot('14-send');
  await ana.button('Enviar', dialog).click();
  await dialog.waitFor({ state: 'detached' });
}

async function numbered(ana) {
  const number = ana.page.getByTestId('process-number').filter({ hasNotText: 'SEM NÚMERO' });
  await number.waitFor();
  await ana.panel('Histórico');
  await ana.side.getByText(/remetido|enviado|Processo .*SES\/GAB/i).first().waitFor();
  await ana.shot('15-numbered');
  return ana.number();
}

async function receive(igor, number) {
  const line = igor.line(number, 'Recebidos');
  await line.getByText('não recebido').waitFor();
  await igor.shot('16-arrived');
  await igor.open(number);
  assert((await igor.tree.getByRole('treeitem').count()) === 4, 'the tree does not show the three documents');
  await igor.tree.getByRole('treeitem', { name: /Despacho/ }).first().click();
  await igor.pages();
  await igor.panel('Assinaturas e verificação');
  const card = igor.side.getByRole('article', { name: /Assinatura de Ana Paula Schneider/ });
  await card.getByText(/assinatura válida/i).waitFor();
  await igor.shot('17-received');
  await igor.page.keyboard.press('Alt+F2');
  await igor.inbox();
  await line.waitFor();
  await line.getByText('não recebido').waitFor({ state: 'detached' });
}

async function draft(igor) {
  await igor.open(subject);
  await igor.addDocument('Despacho');
  await igor.write('Este gabinete é favoravel ao pedido.');
  await igor.save();
  await igor.closeEditor();
  await igor.idle();
}

async function chief(igor, number) {
  await igor.leave('Sair');
  const helena = igor;
  await helena.page.getByRole('textbox', { name: 'Usuário' }).fill('helena.moraes');
  await helena.page.getByLabel('Senha').fill(demoPassword);
  await helena.button('Entrar').click();
  await helena.inbox();
  await helena.connected();
  await helena.line(number, 'Recebidos').waitFor();
  await helena.open(number);
  await helena.tree.getByRole('treeitem', { name: /minuta/ }).click();
  await helena.edit();
  await helena.editor.getByText('favoravel').waitFor();
  await helena.page.keyboard.press('Control+a');
  await helena.page.keyboard.type('Este gabinete é favorável ao pedido, condicionado à disponibilidade de equipes.');
  await helena.save();
  await helena.closeEditor();
  await helena.idle();
  await helena.startSigning();
  await helena.signDialog.getByRole('radio', { name: 'Senha' }).check();
  await helena.takePosition('Chefe de Gabinete');
  await helena.signDialog.getByLabel('Senha').last().fill(demoPassword);
  await helena.shot('18-sign-password');
  await helena.signDialog.getByRole('button', { name: 'Assinar', exact: true }).click();
  await helena.finishSigning();
  await helena.panel('Assinaturas e verificação');
  await helena.side.getByRole('article', { name: /Helena Moraes/ }).getByText(/assinatura válida/i).waitFor();
  return helena;
}

async function back(helena) {
  await helena.send('SPGG/GAB', { keepOpen: true });
  await helena.idle();
  await helena.button(/^Concluir/).first().click();
  await helena.button('Concluir', helena.dialog('Concluir Processo')).click();
  await helena.idle();
  await helena.panel('Histórico');
  await helena.side.getByText(/Conclusão|concluído/i).first().waitFor();
  await helena.shot('19-concluded');
}

async function home(ana, number) {
  await ana.page.getByTestId('open-in').filter({ hasText: 'SPGG/GAB' }).waitFor();
  await ana.page.getByTestId('open-in').filter({ hasNotText: 'SES/GAB' }).waitFor();
  await ana.panel('Histórico');
  await ana.side.getByText(/SES\/GAB/).first().waitFor();
  await ana.side.getByText('Helena Moraes').first().waitFor();
  await ana.page.keyboard.press('Alt+F2');
  await ana.line(number).first().waitFor();
  await ana.open(number);
  await ana.shot('20-back-home');
}

async function anyone(t, central, ana) {
  await ana.tree.getByRole('treeitem', { name: /Despacho/ }).first().click();
  await ana.pages();
  await ana.panel('Assinaturas e verificação');
  const code = await ana.side.getByRole('region', { name: 'Conferência de autenticidade' }).locator('strong').allInnerTexts();
  const download = ana.page.waitForEvent('download');
  await ana.side.getByRole('button', { name: /Baixar o arquivo assinado/ }).click();
  const signed = path.join(t.directory, 'signed.pdf');
  await (await download).saveAs(signed);

  const page = await t.visit(`${central.url}/conferir`);
  await page.getByLabel('Código verificador').fill(code[0]);
  await page.getByLabel('Código CRC').fill(code[1]);
  await page.getByRole('button', { name: 'Conferir' }).click();
  await page.getByRole('heading', { name: 'Documento encontrado' }).waitFor();
  await page.getByText('Ana Paula Schneider', { exact: true }).waitFor();
  await t.accessible(page);
  await t.screenshot(page, '21-public');
  await page.getByLabel('Arquivo PDF').setInputFiles(signed);
  await page.getByRole('button', { name: 'Comparar' }).click();
  await page.getByRole('heading', { name: 'O arquivo é o documento assinado' }).waitFor();
  await t.screenshot(page, '22-public-same-file');
  await page.getByLabel('Arquivo PDF').setInputFiles(await other(t));
  await page.getByRole('button', { name: 'Comparar' }).click();
  await page.getByRole('heading', { name: 'O arquivo não é o documento assinado' }).waitFor();
}

async function other(t) {
  const file = path.join(t.directory, 'other.pdf');
  await writeFile(file, received);
  return file;
}
