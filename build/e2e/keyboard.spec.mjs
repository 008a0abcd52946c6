// The operations that a servant does most, without the mouse.
import { test } from './harness.mjs';
import { tabTo, tabToButton } from './senses.mjs';
import { Servant } from './servant.mjs';

const purchase = 'mobiliário';

/** found opens a process by the search dialog, typing ahead of the answer. */
async function found(ana, words) {
  await ana.page.keyboard.press('Control+k');
  await ana.page.getByTestId('search-input').waitFor();
  await ana.page.keyboard.type(words);
  await ana.page.keyboard.press('Enter');
  await ana.tree.waitFor();
}

/** unit adds a destination to the open sending dialog. */
async function unit(page, acronym) {
  await page.keyboard.type(acronym);
  await page.getByRole('listbox', { name: 'Unidades de destino' }).getByRole('option').filter({ hasText: `${acronym} —` }).first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('list', { name: 'Unidades escolhidas' }).getByText(acronym).waitFor();
}

test('a process is assigned, acknowledged, concluded, reopened and sent to several units by keyboard', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central, { name: 'ana' }));
  const { page } = ana;
  const { keyboard } = page;
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  await ana.line('Aquisição de mobiliário').first().waitFor();
  await found(ana, purchase);

  await keyboard.press('Alt+a');
  await ana.dialog('Atribuir Processo').waitFor();
  await keyboard.type('Bruno');
  await page.getByRole('option', { name: /Bruno Machado/ }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await tabToButton(page, 'Atribuir');
  await keyboard.press('Enter');
  await ana.dialog('Atribuir Processo').waitFor({ state: 'detached' });
  await page.getByTestId('process').getByText(/atribuído a Bruno Machado/).first().waitFor();

  await keyboard.press('Alt+c');
  await ana.dialog('Dar Ciência').waitFor();
  await tabToButton(page, 'Dar ciência');
  await keyboard.press('Enter');
  await ana.dialog('Dar Ciência').waitFor({ state: 'detached' });
  await ana.idle();
  await page.getByTestId('history').getByText(/ciência/i).first().waitFor();

  await keyboard.press('Alt+o');
  await ana.dialog('Concluir Processo').waitFor();
  await tabToButton(page, 'Concluir');
  await keyboard.press('Enter');
  await page.getByTestId('op-reopen').waitFor();
  await ana.idle();
  await page.getByTestId('open-in').filter({ hasNotText: 'SPGG/GAB' }).waitFor();
  await keyboard.press('Alt+r');
  await ana.dialog('Reabrir Processo').waitFor();
  await tabToButton(page, 'Reabrir');
  await keyboard.press('Enter');
  await page.getByTestId('op-conclude').waitFor();
  await ana.idle();
  await page.getByTestId('open-in').filter({ hasText: 'SPGG/GAB' }).waitFor();

  await keyboard.press('Control+Shift+E');
  await ana.dialog('Enviar Processo').waitFor();
  await unit(page, 'SES/GAB');
  await unit(page, 'SPGG/DEPLAN');
  await tabTo(page, 'input[type="checkbox"]');
  await keyboard.press('Space');
  await ana.shot('keyboard-send-several');
  await tabToButton(page, 'Enviar');
  await keyboard.press('Enter');
  await ana.dialog('Enviar Processo').waitFor({ state: 'detached' });
  await ana.idle();
  for (const open of ['SPGG/GAB', 'SES/GAB', 'SPGG/DEPLAN']) await page.getByTestId('open-in').filter({ hasText: open }).waitFor();
  await page.getByTestId('toast').getByText(/A central confirmou/).first().waitFor();

  const igor = await Servant.at(t, await t.desk(central, { name: 'igor' }));
  await igor.login(central, 'SES', 'igor.pacheco');
  await igor.line('Aquisição de mobiliário', 'Recebidos').waitFor();
}, { timeout: 240_000 });
