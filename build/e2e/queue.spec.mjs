// The queue, item by item: what each waits for, taking back, and that it goes by itself when the central is there.
import { assert, test } from './harness.mjs';
import { Servant, waiting } from './servant.mjs';

test('the queue says of each item what it waits for, by keyboard and at 200 % zoom', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central));
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  await central.kill();
  await ana.page.locator('[data-testid="connection"][data-phase="offline"]').waitFor({ timeout: 60_000 });

  await ana.startProcess({ type: 'Convênio', specification: 'Fila item por item' });
  await ana.addDocument('Despacho');
  await ana.write('Encaminhe-se.');
  await ana.save();
  await ana.closeEditor();
  await ana.goto('Aguardando envio');

  const entries = ana.page.getByTestId('outbox-entry');
  const document = entries.filter({ hasText: 'Incluir documento' });
  await document.getByText('aguarda a autuação do processo').waitFor();
  await document.getByText(/Despacho/).first().waitFor();
  const start = entries.filter({ hasText: 'Iniciar processo' });
  await start.getByText('aguarda conexão com a central').waitFor();
  await start.getByText('pedido').waitFor();
  await ana.shot('queue');
  await t.accessible(ana.page);

  // Half the width is what 200 % zoom leaves.
  const size = ana.page.viewportSize();
  await ana.page.setViewportSize({ width: Math.floor(size.width / 2), height: Math.floor(size.height / 2) });
  const sideways = await ana.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert(sideways <= 0, `the queue scrolls sideways by ${sideways} px at 200 %`);
  await ana.shot('queue-200');
  await ana.page.setViewportSize(size);

  // Taking back the process takes its document along, by keyboard alone.
  await ana.button('Retirar', start).focus();
  await ana.page.keyboard.press('Enter');
  const dialog = ana.dialog('Retirar da fila');
  await dialog.getByText('Incluir documento').waitFor();
  await ana.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  const before = await entries.count();
  assert(before >= 2, `${before} items in the queue`);
  await ana.statusBar.getByRole('button', { name: `${before} ${waiting}` }).waitFor();
  await central.start();
  await ana.page.getByText('Nada aguardando envio').waitFor({ timeout: 90_000 });
});
