// What the central shows to anyone, without an account.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assert, test } from './harness.mjs';
import { Servant, pdf } from './servant.mjs';

test('the public page answers an unknown pair without a hint, and works without JavaScript', async (t) => {
  const central = await t.central({ args: ['--samples=false'] });
  const page = await t.visit(central.url);
  await page.getByRole('heading', { name: 'Conferência de autenticidade de documentos' }).waitFor();
  assert(page.url() === `${central.url}/conferir`, `the front door leads to ${page.url()}`);
  assert((await page.locator('script').count()) === 0, 'the public page carries a script');
  await t.accessible(page);
  await t.screenshot(page, 'public-form');
  await page.getByLabel('Código verificador').fill('0099999');
  await page.getByLabel('Código CRC').fill('00000000');
  await page.getByRole('button', { name: 'Conferir' }).click();
  await page.getByRole('heading', { name: 'Documento não encontrado' }).waitFor();
  await t.accessible(page);
  await t.screenshot(page, 'public-not-found');
});

test('every answer of the public page is readable by everyone', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central));
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  const page = await t.visit(`${central.url}/conferir`, { name: 'public' });
  const ask = async (code, crc, heading) => {
    await page.goto(`${central.url}/conferir`);
    await page.getByLabel('Código verificador').fill(code);
    await page.getByLabel('Código CRC').fill(crc);
    await page.getByRole('button', { name: 'Conferir' }).click();
    await page.getByRole('heading', { name: heading }).waitFor();
  };
  const answered = async (name) => {
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await t.accessible(page);
      await t.screenshot(page, `public-${name}-${colorScheme}`);
    }
  };
  const signed = async (subject) => {
    await ana.line(subject).first().waitFor();
    const line = await ana.line(subject).first().getAttribute('data-process');
    const view = await ana.call('Processes/Open', line);
    return view.documents.find((d) => d.verification?.code);
  };

  const open = await signed('Aquisição de mobiliário');
  await ask(open.verification.code, open.verification.crc, 'Documento encontrado');
  await answered('found');
  await page.getByText('Ver a prova').first().click();
  await page.getByText('Resumo da anotação deste ato (SHA-256)').first().waitFor();
  await answered('proof');
  const same = path.join(t.directory, 'same.pdf');
  await writeFile(same, await ana.read(open.contentUrl));
  const other = path.join(t.directory, 'other.pdf');
  await writeFile(other, pdf('Outro documento'));
  for (const [file, heading, name] of [
    [same, /O arquivo é (o documento assinado|uma via de leitura)/, 'same-file'],
    [other, 'O arquivo não é o documento assinado', 'other-file'],
  ]) {
    await page.getByLabel('Arquivo PDF').setInputFiles(file);
    await page.getByRole('button', { name: 'Comparar' }).click();
    await page.getByRole('heading', { name: heading }).waitFor();
    await answered(name);
  }

  const restricted = await signed('Licença para tratamento de saúde');
  await ask(restricted.verification.code, restricted.verification.crc, 'Documento encontrado');
  assert(!(await page.content()).includes('Licença para tratamento'), 'the public page tells what a restricted process is about');
  await answered('restricted');
  await ask(open.verification.code, '00000000', 'Documento não encontrado');
  await answered('wrong-code');
});

test('the public page fits a telephone and 200 % zoom', async (t) => {
  const central = await t.central({ args: ['--samples=false'] });
  for (const [width, height] of [[320, 640], [683, 384]]) {
    const page = await t.visit(`${central.url}/conferir`, { width, height });
    await page.getByRole('button', { name: 'Conferir' }).waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert(wide <= 0, `at ${width} pixels the page is ${wide} too wide`);
  }
});

test('the central describes its interface, and says that it lives', async (t) => {
  const central = await t.central({ args: ['--samples=false'] });
  const described = await (await fetch(`${central.url}/openapi.json`)).json();
  assert(/^3\./.test(described.openapi), `openapi.json says version ${described.openapi}`);
  for (const path of ['/v1/info', '/v1/login', '/v1/push', '/v1/pull']) assert(described.paths[path], `openapi.json does not tell of ${path}`);
  for (const path of ['/healthz', '/readyz']) {
    const answer = await fetch(central.url + path);
    assert(answer.ok, `${path} answered ${answer.status}`);
  }
  const refused = await fetch(`${central.url}/v1/search?q=processo`);
  assert(refused.status === 401, `without a session the central answered ${refused.status}`);
});
