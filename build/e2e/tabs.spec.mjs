// Several processes at once, and what the workstation remembers.
import { assert, test } from './harness.mjs';
import { Servant } from './servant.mjs';

const purchase = 'Aquisição de mobiliário';
const secondment = 'Cessão de servidor para projeto de modernização';

test('several processes are open in tabs and side by side', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central));
  const { page } = ana;
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.line(purchase).first().waitFor();
  await ana.open(purchase);
  const first = await ana.number();
  await page.keyboard.press('Alt+F2');
  await ana.open(secondment);
  const second = await ana.number();
  const tabs = page.getByRole('navigation', { name: 'Processos abertos' });
  await ana.button(first, tabs).waitFor();
  await ana.button(second, tabs).waitFor();
  await page.keyboard.press('Control+1');
  await page.getByTestId('process-number').filter({ hasText: first }).waitFor();
  await page.keyboard.press('Alt+d');
  const left = page.getByRole('region', { name: 'Lado esquerdo' });
  const right = page.getByRole('region', { name: 'Lado direito' });
  await left.getByRole('heading', { name: first }).waitFor();
  await right.getByRole('heading', { name: second }).waitFor();
  await ana.shot('split');
  await t.accessible(page);
  // Each side has its own document and its own acts.
  await left.getByRole('treeitem', { name: /Nota Técnica/ }).click();
  await left.locator('[data-testid="pdf-viewer"][data-ready="true"]').waitFor();
  await right.getByRole('treeitem', { name: /Requerimento/ }).click();
  await right.locator('[data-testid="pdf-viewer"][data-ready="true"]').waitFor();
  await ana.shot('split-documents');
  await ana.button(`Fechar ${second}`, tabs).click();
  await ana.button(second, tabs).waitFor({ state: 'detached' });
  await ana.button(first, tabs).waitFor();
});

test('unit, open tabs and appearance are remembered after a restart', async (t) => {
  const central = await t.central();
  const desk = await t.desk(central);
  const ana = await Servant.at(t, desk);
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  await ana.page.keyboard.press('Alt+F11');
  await ana.page.getByRole('menuitemradio', { name: /SPGG\/DEPLAN/ }).click();
  await ana.page.getByTestId('acting-unit').filter({ hasText: 'SPGG/DEPLAN' }).waitFor();
  await ana.startProcess({ type: 'Convênio', specification: 'Processo que fica aberto' });
  await ana.idle();
  await ana.page.getByTestId('process-number').filter({ hasNotText: 'SEM NÚMERO' }).waitFor();
  const number = await ana.number();
  await ana.button(/^Usuário: /).click();
  await ana.page.getByRole('menuitem', { name: 'Aparência' }).click();
  await ana.dialog('Aparência').getByLabel('Cores').selectOption('Escuro');
  await ana.page.locator('html[data-theme="dark"]').waitFor();
  await ana.button('Fechar', ana.dialog('Aparência')).last().click();
  await t.until('the appearance is stored', async () => (await ana.call('Session/Preferences')).theme === 'dark');
  await ana.page.context().close();
  await desk.stop();
  await desk.start();

  const again = await Servant.at(t, desk);
  await again.login(central, 'SPGG', 'ana.schneider');
  await again.page.locator('html[data-theme="dark"]').waitFor();
  assert((await again.page.getByTestId('acting-unit').innerText()) === 'SPGG/DEPLAN', 'the unit was not remembered');
  await again.button(number, again.page.getByRole('navigation', { name: 'Processos abertos' })).click();
  await again.tree.waitFor();
  await again.shot('remembered-dark');
});
