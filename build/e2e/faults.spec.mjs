// What goes wrong in a day: each fault is said in words, and nothing is lost.
import { execFile } from 'node:child_process';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { assert, seirs, test } from './harness.mjs';
import { Servant, demoPassword, pdf, waiting } from './servant.mjs';

const run = promisify(execFile);
const secondment = 'Cessão de servidor para projeto de modernização';

test('a file that is too large or no PDF is refused with a reason, before it is taken', async (t) => {
  const central = await t.central({ args: ['--max-file-mb', '1'] });
  const ana = await Servant.at(t, await t.desk(central));
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.open(secondment);
  let taken = 0;
  ana.page.on('request', (r) => (taken += new URL(r.url()).pathname === '/files' ? 1 : 0));
  await ana.drop('grande.pdf', Buffer.alloc(1_500_000, '%'));
  const toast = ana.page.getByTestId('toast');
  await toast.filter({ hasText: /grande\.pdf.*limite de 1 MB/ }).waitFor();
  assert(taken === 0, 'a file over the limit was sent to the desk');
  await ana.drop('falso.pdf', Buffer.from('isto não é um PDF'));
  await toast.filter({ hasText: /falso\.pdf|PDF/ }).filter({ hasNotText: 'grande' }).waitFor();
  await ana.shot('refused-files');
  await ana.drop('vazio.pdf', Buffer.alloc(0));
  await toast.filter({ hasText: 'vazio.pdf está vazio' }).waitFor();
  assert((await ana.page.getByRole('dialog').count()) === 0, 'a refused file opened the form');
});

test('a half-written file of the watched folder is not taken; complete, it is filed', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central));
  await ana.login(central, 'SPGG', 'ana.schneider');
  const folder = path.join(t.directory, 'scanner');
  await mkdir(folder);
  await ana.goto('Pasta monitorada');
  await ana.shot('watched-none');
  await ana.button('Escolher a pasta').first().click();
  await ana.dialog('Pasta a monitorar').getByLabel('Caminho da pasta neste computador').fill(folder);
  await ana.button('Monitorar').click();
  await ana.page.getByText('Nenhum arquivo na pasta').waitFor();

  const whole = pdf('Laudo digitalizado');
  const half = Math.floor(whole.length / 2);
  const file = path.join(folder, 'laudo.pdf');
  await writeFile(file, whole.subarray(0, half));
  await writeFile(path.join(folder, 'outro.pdf'), pdf('Outro'));
  const item = ana.page.getByTestId('intake-item');
  // The other file came after and is ready: the half-written one had the time to be taken.
  await item.filter({ hasText: 'outro.pdf' }).getByText('a registrar').waitFor();
  assert((await item.filter({ hasText: 'laudo.pdf' }).getByText('a registrar').count()) === 0, 'a half-written file is offered');
  await appendFile(file, whole.subarray(half));
  await item.filter({ hasText: 'laudo.pdf' }).getByText('a registrar').waitFor();
  await ana.shot('watched-folder');
  await ana.button('Registrar', item.filter({ hasText: 'laudo.pdf' })).click();
  const dialog = ana.dialog('Registrar laudo.pdf');
  await ana.pick('No processo', '43.008001', dialog);
  await ana.button('Continuar', dialog).click();
  await ana.fillExternal({ type: 'Laudo', sender: 'Clínica São Rafael' });
  await ana.tree.getByRole('treeitem', { name: /Laudo/ }).waitFor();
  await ana.idle();
  await ana.goto('Pasta monitorada');
  await item.filter({ hasText: 'outro.pdf' }).waitFor();
  await item.filter({ hasText: 'laudo.pdf' }).waitFor({ state: 'detached' });
});

test('two people who edit one minute keep both texts, compare and join them', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central, { name: 'ana' }));
  await ana.login(central, 'SPGG', 'ana.schneider');
  const bruno = await Servant.at(t, await t.desk(central, { name: 'bruno' }));
  await bruno.login(central, 'SPGG', 'bruno.machado');
  for (const who of [ana, bruno]) {
    await who.open(secondment);
    await who.tree.getByRole('treeitem', { name: /minuta/ }).click();
    await who.edit();
    await who.editor.getByText('Nada a opor').waitFor();
  }
  await central.kill();
  await ana.write(' Acrescentado pela chefia.');
  await ana.save();
  await bruno.write(' Acrescentado pela assessoria.');
  await bruno.save();
  await central.start();
  for (const who of [ana, bruno]) await who.idle();

  const both = /também editou este texto|O texto mudou na central/;
  const banner = (who) => who.page.getByRole('status').filter({ hasText: both });
  const late = await Promise.any([ana, bruno].map((who) => banner(who).first().waitFor().then(() => who)));
  await late.button(/^Comparar/, banner(late)).first().click();
  const comparison = late.page.getByRole('region', { name: 'Comparação' });
  await comparison.getByText('chefia').first().waitFor();
  await comparison.getByText('assessoria').first().waitFor();
  await late.shot('conflict');
  await t.accessible(late.page);

  await late.write(' Juntado.');
  await late.button('Manter o meu', banner(late)).click();
  await late.save();
  await late.idle();
  await banner(late).waitFor({ state: 'detached' });
  await late.page.getByRole('tab', { name: 'Versões' }).click();
  const back = late.button('Voltar à lista de versões');
  if (await back.isVisible()) await back.click();
  const versions = late.page.getByRole('list', { name: /^Versões do texto/ });
  await versions.getByText('Ana Paula Schneider').first().waitFor();
  await versions.getByText('Bruno Machado da Silva').first().waitFor();
});

test('what the central refuses stands with its reason, and its text is used again', async (t) => {
  const central = await t.central();
  const cable = await t.cable(central);
  const ana = await Servant.at(t, await t.desk(cable, { name: 'ana' }));
  await ana.login(cable, 'SPGG', 'ana.schneider');
  await ana.connected();
  await ana.open(secondment);
  const bruno = await Servant.at(t, await t.desk(central, { name: 'bruno' }));
  await bruno.login(central, 'SPGG', 'bruno.machado');
  await bruno.open(secondment);

  await cable.pull();
  await ana.page.locator('[data-testid="connection"][data-phase="offline"]').waitFor();
  await ana.addDocument('Despacho');
  await ana.write('Texto que não se pode perder.');
  await ana.save();
  await ana.closeEditor();
  await ana.send('SEFAZ/TE');
  await bruno.button(/^Concluir/).first().click();
  await bruno.button('Concluir', bruno.dialog('Concluir Processo')).click();
  await bruno.idle();
  await run(seirs, ['central', 'unit', 'extinguish', '--agency', 'SEFAZ', '--acronym', 'SEFAZ/TE', '--data', central.data]);
  await cable.plug();
  await ana.idle();

  await ana.goto('Recusados pela central');
  const refused = ana.page.getByTestId('refused-entry');
  await refused.first().waitFor();
  for (const entry of await refused.all()) {
    const reason = await entry.locator('.reason').innerText();
    assert(reason.length > 20 && !/error|undefined|null/i.test(reason), `the reason reads ${reason}`);
  }
  await ana.shot('refused');
  await t.accessible(ana.page);
  const minute = refused.filter({ hasText: /Incluir documento/i });
  await ana.button('Usar o texto em novo documento', minute).click();
  const form = ana.dialog('Incluir Documento');
  await form.getByText('O texto do documento recusado é o texto inicial deste.').waitFor();
  await ana.button('Cancelar', form).click();
  await ana.button('Dispensar', refused.filter({ hasText: /Enviar processo/i })).click();
  await ana.button('Dispensar', ana.dialog('Dispensar')).click();
  await refused.filter({ hasText: /Enviar processo/i }).waitFor({ state: 'detached' });
  await minute.waitFor();
});

test('a session that ended asks for the password again, and the queue goes on', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central, { name: 'first' }));
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  const elsewhere = await Servant.at(t, await t.desk(central, { name: 'second' }));
  await elsewhere.login(central, 'SPGG', 'ana.schneider');

  // A new password ends the sessions on other computers.
  const fresh = 'Outra-senha-2026';
  await elsewhere.button(/^Usuário: /).click();
  await elsewhere.page.getByRole('menuitem', { name: 'Trocar senha' }).click();
  const change = elsewhere.dialog('Trocar senha');
  await change.getByLabel('Senha atual').fill(demoPassword);
  await change.getByLabel('Nova senha', { exact: false }).first().fill(fresh);
  await change.getByLabel('Repita a nova senha').fill(fresh);
  await elsewhere.shot('change-password');
  await elsewhere.button('Trocar senha', change).click();
  await change.waitFor({ state: 'detached' });

  await ana.statusBar.getByRole('button', { name: /sincronizado/ }).click();
  const renew = ana.dialog('A sessão terminou');
  await renew.waitFor();
  await ana.shot('renew');
  await t.accessible(ana.page);
  await ana.button('Depois', renew).click();
  await ana.startProcess({ type: 'Convênio', specification: 'Feito com a sessão encerrada' });
  await ana.statusBar.getByText(`1 ${waiting}`).waitFor();
  await ana.button('Informar a senha', ana.statusBar).click();
  await renew.getByLabel('Senha').fill(demoPassword);
  await ana.button('Entrar', renew).click();
  await renew.getByRole('alert').waitFor();
  await renew.getByLabel('Senha').fill(fresh);
  await ana.button('Entrar', renew).click();
  await renew.waitFor({ state: 'detached' });
  await ana.idle();
  await ana.page.getByTestId('process-number').filter({ hasText: /^\d/ }).waitFor();
});
