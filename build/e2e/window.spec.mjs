// The first thing a servant sees, over loopback.
import { assert, test } from './harness.mjs';

test('the window opens on the log-in screen, readable by everyone', async (t) => {
  const central = await t.central();
  const desk = await t.desk(central);
  const page = await t.open(desk);
  await page.getByLabel(/senha/i).first().waitFor();
  assert((await page.locator('html').getAttribute('lang')) === 'pt-BR', 'the page does not say that it is Portuguese');
  await t.screenshot(page, 'login');
  await t.accessible(page);
});

test('the printed address lets one browser in', async (t) => {
  const central = await t.central();
  const desk = await t.desk(central);
  await t.open(desk);
  const again = await fetch(desk.url, { redirect: 'manual' });
  assert(again.status === 401, `the address was used twice and answered ${again.status}`);
  const without = await fetch(new URL('/', desk.url));
  assert(without.status === 401, `without a cookie the window answered ${without.status}`);
});

test('a page of another site cannot reach the window', async (t) => {
  const central = await t.central();
  const desk = await t.desk(central);
  await t.open(desk);
  const answer = await fetch(new URL('/api/Session/State', desk.url), {
    method: 'POST',
    headers: { Origin: 'https://exemplo.com', 'Content-Type': 'application/json' },
    body: '[]',
  });
  assert(answer.status === 403, `another origin got ${answer.status}`);
});
