// Many documents, one PIN: batches of signatures in the window, and all that can come between.
import { execFile } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { assert, root, test } from './harness.mjs';
import { Servant, demoPassword, signer } from './servant.mjs';

const run = promisify(execFile);
const text = (words) => JSON.stringify({ type: 'doc', attrs: { schema: 1 }, content: [{ type: 'paragraph', content: words ? [{ type: 'text', text: words }] : [] }] });

/** minutes makes processes with written minutes, through the desk as the window asks it. */
async function minutes(ana, processes, each, specification) {
  for (let p = 1; p <= processes; p++) {
    const { process } = await ana.call('Processes/Start', { type: 100000103, specification: `${specification} ${p}`, subjects: [58], interested: [], level: 0, legalBasis: 0 });
    for (let d = 1; d <= each; d++) await minute(ana, process, `Encaminhe-se o pedido ${p}.${d} à área técnica.`);
  }
}

async function minute(ana, process, words) {
  const { document } = await ana.call('Documents/AddInternal', { process, type: 5, number: '', treeName: '', description: '', interested: [], recipients: [], level: 0, legalBasis: 0 });
  const { base } = await ana.call('Documents/Edit', process, document);
  await ana.call('Documents/Save', process, document, base, text(words), null);
}

/**
 * pullable is SoftHSM behind the driver of the tests, which can be pulled out. Its first session makes
 * the given number of signatures and waits under the next one, so that what a test does in the middle
 * of a batch is done there on any machine; put lets it sign them all.
 */
const pullable = (signatures) => async (t, keys) => {
  const module = path.join(t.directory, 'libpullable.so');
  const { stdout } = await run('go', ['list', '-m', '-f', '{{.Dir}}', 'github.com/miekg/pkcs11'], { cwd: root });
  await run('gcc', ['-shared', '-fPIC', '-O1', '-w', '-I', stdout.trim(), '-o', module, path.join(root, 'internal/keys/pkcs11/testdata/faulty.c'), '-ldl']);
  // Put in its place whole: the driver reads it at every call.
  const say = async (words) => {
    await writeFile(`${module}.new`, `FAULTY_REAL=${keys.module}\n${words}\n`);
    await rename(`${module}.new`, `${module}.conf`);
  };
  await say(`FAULTY_HOLD=${signatures}`);
  return { module, pull: () => say('FAULTY_MODE=removed'), put: () => say('') };
};

async function world(t, { wrap } = {}) {
  const keys = await signer(t, 'SPGG', 'ana.schneider');
  const token = wrap ? await wrap(t, keys) : { module: keys.module };
  const central = await t.central({ args: ['--trust-roots', keys.roots] });
  const desk = await t.desk(central, { name: 'spgg', args: ['--pkcs11-module', token.module], env: { SOFTHSM2_CONF: keys.config } });
  const ana = await Servant.at(t, desk);
  await ana.showCentral(central.url);
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  return { keys, token, central, desk, ana };
}

/** mark opens "Minutas para assinar", shows those with the words and ticks all of them. */
async function mark(ana, words, count) {
  await ana.goto('Minutas para assinar');
  const { page } = ana;
  await page.getByRole('searchbox', { name: 'Filtrar as minutas' }).fill(words);
  await ana.t.until(`${count} minutes are listed`, async () => (await page.getByTestId('to-sign').getByRole('checkbox').count()) === count, 30_000);
  await page.getByLabel('Marcar todas').check();
}

async function begin(ana, button) {
  await ana.button(button).click();
  await ana.signDialog.getByRole('group', { name: 'Como assinar' }).waitFor({ timeout: 60_000 });
}

async function withToken(ana, keys, pin = keys.pin) {
  const dialog = ana.signDialog;
  await dialog.getByRole('radio', { name: 'Certificado digital' }).check();
  await dialog.getByRole('radio', { name: new RegExp(keys.name) }).check();
  await ana.takePosition('Chefe de Gabinete');
  await dialog.getByLabel('PIN do token').fill(pin);
  await dialog.getByLabel('PIN do token').press('Enter');
}

/** stamp puts the stamps of all documents of the list on a place of the page, by keyboard alone. */
async function stamp(ana) {
  const { page } = ana;
  await ana.signDialog.getByRole('button', { name: /^Carimbo: no fim do texto/ }).first().press('Enter');
  const dialog = ana.dialog(/^Carimbo em/);
  await dialog.getByRole('group', { name: 'Página 1 de 1' }).waitFor();
  await dialog.getByRole('radio', { name: 'Em um ponto da página' }).press('Space');
  const mark = dialog.getByRole('button', { name: /^Carimbo a \d+ mm da esquerda/ });
  const before = await mark.getAttribute('aria-label');
  await mark.press('ArrowRight');
  await mark.press('Shift+ArrowUp');
  assert((await mark.getAttribute('aria-label')) !== before, 'the arrow keys do not move the stamp');
  await ana.shot('batch-10-stamp');
  await ana.t.accessible(page);
  await ana.button('Usar este lugar', dialog).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await ana.signDialog.getByRole('button', { name: /^Carimbo: em um ponto da página/ }).nth(14).waitFor();
}

/** registered waits until every line of the result says that the central has it. */
async function registered(ana, count) {
  await ana.t.until(`${count} documents are registered`, async () => (await ana.signDialog.locator('[data-state="accepted"]').count()) === count, 90_000);
}

const over = (ana, words) => ana.signDialog.getByRole('button', { name: 'Concluir' }).waitFor({ timeout: 90_000 }).then(() => ana.signDialog.getByText(words).first().waitFor());

test('fifty documents of several processes are signed with one PIN, and a wrong one signs nothing', async (t) => {
  const { keys, ana } = await world(t);
  await minutes(ana, 5, 10, 'Lote de pareceres');
  await mark(ana, 'Lote de pareceres', 50);
  await ana.shot('batch-01-to-sign');
  await t.accessible(ana.page);
  await begin(ana, 'Assinar 50 minutas');
  const dialog = ana.signDialog;
  await dialog.getByRole('radio', { name: new RegExp(keys.name) }).check();
  await ana.shot('batch-02-choosing');
  await t.accessible(ana.page);
  await ana.page.emulateMedia({ colorScheme: 'dark' });
  await ana.shot('batch-02-choosing-dark');
  await t.accessible(ana.page);
  await ana.page.emulateMedia({ colorScheme: 'light' });
  await ana.page.setViewportSize({ width: 683, height: 384 }); // 1366 x 768 at 200 %
  await ana.shot('batch-02-choosing-200');
  await dialog.getByLabel('PIN do token').scrollIntoViewIfNeeded();
  await ana.page.setViewportSize({ width: 1366, height: 768 });
  await withToken(ana, keys, 'errado-0000');
  await dialog.getByText(/PIN incorreto/).first().waitFor();
  await ana.shot('batch-03-wrong-pin');
  await withToken(ana, keys);
  await dialog.getByText(/Assinando: \d+ de 50/).first().waitFor();
  await ana.shot('batch-04-signing');
  await over(ana, 'Os 50 documentos foram assinados.');
  await registered(ana, 50);
  await dialog.getByText('A central já registrou todas as assinaturas feitas.').first().waitFor();
  await ana.shot('batch-05-registered');
  await t.accessible(ana.page);
  await ana.button('Concluir', dialog).click();
  await ana.page.getByText('Nenhuma minuta corresponde ao filtro.').or(ana.page.getByText('Nada para assinar')).first().waitFor();
}, { timeout: 240_000 });

test('a token taken out stops the batch, and put back it goes on with what was left', async (t) => {
  const { keys, token, ana } = await world(t, { wrap: pullable(5) });
  await minutes(ana, 3, 5, 'Lote interrompido');
  await mark(ana, 'Lote interrompido', 15);
  await begin(ana, 'Assinar 15 minutas');
  await stamp(ana);
  await withToken(ana, keys);
  await ana.signDialog.getByText('Assinando: 5 de 15').first().waitFor();
  await token.pull();
  await over(ana, /O token foi retirado/);
  await ana.shot('batch-06-token-removed');
  await t.accessible(ana.page);
  const left = await ana.signDialog.locator('[data-state="left"]').count();
  assert(left === 10, `${left} of 15 documents were left where 5 were signed`);
  await token.put();
  await ana.button('Continuar com o que ficou', ana.signDialog).click();
  await ana.button('Procurar de novo', ana.signDialog).click();
  await withToken(ana, keys);
  await over(ana, `Os ${left} documentos foram assinados.`);
  await registered(ana, left);
  await ana.button('Concluir', ana.signDialog).click();
  await ana.page.getByText('Nenhuma minuta corresponde ao filtro.').or(ana.page.getByText('Nada para assinar')).first().waitFor();
}, { timeout: 240_000 });

test('a desk killed while it signs offers to go on, and nothing is signed twice', async (t) => {
  const { keys, token, desk, ana } = await world(t, { wrap: pullable(5) });
  await minutes(ana, 3, 6, 'Lote cortado');
  await mark(ana, 'Lote cortado', 18);
  await begin(ana, 'Assinar 18 minutas');
  await withToken(ana, keys);
  await ana.signDialog.getByText('Assinando: 5 de 18').first().waitFor();
  await desk.kill();
  await token.put();
  await ana.page.context().close();
  await desk.start();
  const again = await Servant.at(t, desk);
  await again.fillLogin('SPGG', 'ana.schneider', demoPassword);
  await again.button(/^Entrar/).click();
  await again.connected();
  const notice = again.page.getByTestId('unfinished');
  await notice.waitFor();
  await again.shot('batch-07-unfinished');
  await t.accessible(again.page);
  await again.button('Continuar', notice).click();
  await again.signDialog.getByRole('group', { name: 'Como assinar' }).waitFor({ timeout: 60_000 });
  const rest = await again.signDialog.getByRole('checkbox').count();
  assert(rest === 13, `${rest} of 18 are offered where 5 were signed`);
  await withToken(again, keys);
  await over(again, `Os ${rest} documentos foram assinados.`);
  await again.button('Concluir', again.signDialog).click();
  await notice.waitFor({ state: 'detached' });
  await again.idle();
  const list = await again.call('Signing/ToSign');
  assert(!list.lines.some((l) => l.specification.startsWith('Lote cortado')), 'some of the batch is still to be signed');
  const refused = await again.call('Outbox/Refused');
  assert(refused.length === 0, `the central refused ${refused.map((r) => r.reason)}`);
}, { timeout: 240_000 });

test('one password signs a batch; what cannot be signed says why before it, and the rest goes on', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central));
  await ana.showCentral(central.url);
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  const { process } = await ana.call('Processes/Start', { type: 100000103, specification: 'Lote com senha', subjects: [58], interested: [], level: 0, legalBasis: 0 });
  for (const words of ['Autorizo.', '', 'Publique-se.']) await minute(ana, process, words);
  await ana.idle();
  await mark(ana, 'Lote com senha', 3);
  await begin(ana, 'Assinar 3 minutas');
  const dialog = ana.signDialog;
  assert(await dialog.getByRole('radio', { name: 'Senha' }).isChecked(), 'without a certificate the dialog does not begin with the password');
  await dialog.getByText('O documento está em branco.').waitFor();
  await ana.takePosition('Chefe de Gabinete');
  await dialog.getByLabel('Senha').last().fill('errada');
  await dialog.getByLabel('Senha').last().press('Enter');
  await dialog.getByText(/A senha não confere/).first().waitFor();
  await ana.shot('batch-08-password');
  await t.accessible(ana.page);
  await dialog.getByLabel('Senha').last().fill(demoPassword);
  await dialog.getByLabel('Senha').last().press('Enter');
  await over(ana, 'Os 2 documentos foram assinados.');
  await registered(ana, 2);
  await ana.shot('batch-09-password-done');
}, { timeout: 150_000 });
