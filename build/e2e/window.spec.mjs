// The first thing a servant sees, and who else may not see it: the window over loopback.
import { assert, test } from './harness.mjs';
import { Servant } from './servant.mjs';

test('the first start asks for the central, then for the servant, readable by everyone', async (t) => {
  const central = await t.central({ args: ['--samples=false'] });
  const desk = await t.desk(central, { args: ['--central', ''] });
  const servant = await Servant.at(t, desk);
  const { page } = servant;
  await page.getByLabel('Endereço da central').waitFor();
  assert((await page.locator('html').getAttribute('lang')) === 'pt-BR', 'the page does not say that it is Portuguese');
  await servant.shot('first-start');
  await t.accessible(page);
  await servant.showCentral(central.url);
  await page.getByRole('heading', { name: 'Usuários da demonstração' }).waitFor();
  await page.getByText('AMBIENTE DE TREINAMENTO').first().waitFor();
  await servant.shot('login');
  await t.accessible(page);

  await servant.fillLogin('SPGG', 'ana.schneider', 'senha errada');
  await servant.button('Entrar').click();
  await page.getByRole('alert').filter({ hasText: /não confere|incorret|inválid/i }).waitFor();
  await servant.shot('login-wrong-password');
  await servant.button(/Ana Paula Schneider/).click();
  await servant.button('Entrar').click();
  await servant.inbox();
});

test('the printed address lets one browser in', async (t) => {
  const central = await t.central({ args: ['--samples=false'] });
  const desk = await t.desk(central);
  await t.open(desk);
  const again = await fetch(desk.url, { redirect: 'manual' });
  assert(again.status === 401, `the address was used twice and answered ${again.status}`);
  const without = await fetch(new URL('/', desk.url));
  assert(without.status === 401, `without a cookie the window answered ${without.status}`);
});

test('a page of another site cannot reach the window', async (t) => {
  const central = await t.central({ args: ['--samples=false'] });
  const desk = await t.desk(central);
  await t.open(desk);
  const answer = await fetch(new URL('/api/Session/State', desk.url), {
    method: 'POST',
    headers: { Origin: 'https://exemplo.com', 'Content-Type': 'application/json' },
    body: '[]',
  });
  assert(answer.status === 403, `another origin got ${answer.status}`);
});
