// What the central shows to anyone, without an account.
import { assert, test } from './harness.mjs';

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
