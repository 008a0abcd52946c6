// Every screen by keyboard, for a screen reader, in light and dark, and at 200 % zoom.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { assert, test } from './harness.mjs';
import { axeBoth, dialog, sound, tabTo } from './senses.mjs';
import { Servant, demoPassword } from './servant.mjs';

const secondment = 'Cessão de servidor para projeto de modernização';

test('every screen is sound for axe in light and dark, and all its actions are reached with Tab', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central));
  const folder = path.join(t.directory, 'scanner');
  await mkdir(folder);
  const { page } = ana;
  await ana.showCentral(central.url);
  await sound(t, ana, 'login');
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.connected();
  await ana.line('Aquisição de mobiliário').first().waitFor();
  await sound(t, ana, 'inbox');
  await page.keyboard.press('Alt+i');
  await page.getByTestId('start-form').waitFor();
  await sound(t, ana, 'start');
  for (const [place, words] of [['Minutas para assinar', 'Marcar todas'], ['Aguardando envio', 'Nada aguardando envio'], ['Recusados pela central', 'Nada recusado'], ['Pasta monitorada', 'Nenhuma pasta monitorada']]) {
    await ana.goto(place);
    await page.getByText(words).waitFor();
    await sound(t, ana, place.toLowerCase().replaceAll(' ', '-'));
  }
  await searching(t, ana);
  await windowDialogs(t, ana);
  await processScreens(t, ana);
  await editing(t, ana);
}, { timeout: 300_000 });

async function searching(t, ana) {
  const { page } = ana;
  await page.keyboard.press('Control+k');
  await page.getByTestId('search-input').fill('mobiliário');
  await page.getByTestId('search-hit').first().waitFor();
  await sound(t, ana, 'search');
  await page.getByTestId('search-input').press('ArrowUp');
  await page.getByTestId('search-input').press('Enter');
  await page.getByRole('heading', { name: 'Pesquisa', level: 1 }).waitFor();
  await page.getByTestId('search-results').waitFor();
  await sound(t, ana, 'search-results');
}

async function windowDialogs(t, ana) {
  for (const [entry, title] of [
    ['Trocar senha', 'Trocar senha'],
    ['Aparência', 'Aparência'],
    ['Atalhos de teclado', 'Atalhos de teclado'],
    ['Sobre e diagnóstico', 'Sobre e diagnóstico'],
  ]) {
    await ana.button(/^Usuário: /).click();
    await ana.page.getByRole('menuitem', { name: entry }).click();
    await dialog(t, ana, title);
  }
}

async function processScreens(t, ana) {
  await ana.goto('Controle de Processos');
  await ana.open('Aquisição de mobiliário');
  await sound(t, ana, 'process');
  for (const [button, title] of [
    [/^Incluir Documento/, 'Incluir Documento'],
    [/^Documento Externo/, 'Registrar Documento Externo'],
    [/^Enviar Processo/, 'Enviar Processo'],
    [/^Atribuir/, 'Atribuir Processo'],
    [/^Ciência/, 'Dar Ciência'],
    [/^Atualizar Andamento/, 'Atualizar Andamento'],
    [/^Concluir/, 'Concluir Processo'],
  ]) {
    await ana.button(button).first().click();
    await dialog(t, ana, title);
  }
  await ana.choose(/Nota Técnica/);
  await ana.pages();
  await ana.panel('Assinaturas e verificação');
  await ana.side.getByRole('article').first().waitFor();
  await sound(t, ana, 'document');
  await ana.panel('Histórico');
  await sound(t, ana, 'history');
}

async function editing(t, ana) {
  const { page } = ana;
  await ana.goto('Controle de Processos');
  await ana.open(secondment);
  await ana.tree.getByRole('treeitem', { name: /minuta/ }).click();
  await ana.startSigning();
  await sound(t, ana, 'sign');
  await page.keyboard.press('Escape');
  await ana.signDialog.waitFor({ state: 'detached' });
  await ana.edit();
  await page.getByText('Nada impede a assinatura.').waitFor();
  await axeBoth(t, ana, 'editor');
  // Tab belongs to the text; Esc leads out of it, and from there everything else is reached.
  await ana.editor.click();
  await page.keyboard.press('Escape');
  assert(await page.evaluate(() => !!document.activeElement?.closest('[role="toolbar"]')), 'Esc does not lead from the text to the toolbar');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+f');
  await page.getByRole('search').or(page.getByLabel('Localizar')).first().waitFor();
  await axeBoth(t, ana, 'editor-find');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+0');
  await dialog(t, ana, 'Teclas do editor');
  await page.getByRole('tab', { name: 'Versões' }).click();
  await axeBoth(t, ana, 'editor-versions');
}

test('a process is found, opened, written to and sent by keyboard alone', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central));
  const { page } = ana;
  const { keyboard } = page;
  await ana.showCentral(central.url);
  await page.getByLabel('Órgão').selectOption('SPGG');
  await page.getByRole('textbox', { name: 'Usuário' }).focus();
  await keyboard.type('ana.schneider');
  await keyboard.press('Tab');
  await keyboard.type(demoPassword);
  await keyboard.press('Enter');
  await ana.inbox();
  await ana.line(secondment).first().waitFor();

  await keyboard.press('Alt+F10');
  await page.getByTestId('search-input').waitFor();
  const answered = page.waitForResponse((r) => r.url().endsWith('/api/Search/Local') && r.request().postData().includes('modernização'));
  await keyboard.type('modernização');
  await answered;
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await page.getByTestId('search-hit').first().waitFor();
  await keyboard.press('Enter');
  await ana.tree.waitFor();
  await keyboard.press('Alt+F2');
  await ana.inbox();
  await tabTo(page, '[role="row"]');
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowUp');
  await keyboard.press('Space');
  await page.getByRole('toolbar', { name: 'Ações para os processos marcados' }).waitFor();
  await keyboard.press('Escape');
  await keyboard.press('Enter');
  await ana.tree.waitFor();
  assert((await ana.page.getByTestId('process').innerText()).includes(secondment), 'Enter did not open the line with the focus');

  await tabTo(page, '[data-testid="op-addDocument"]');
  await keyboard.press('Enter');
  await ana.dialog('Incluir Documento').waitFor();
  await keyboard.type('Despacho');
  await page.getByRole('option', { name: 'Despacho' }).first().waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await keyboard.press('Enter');
  await ana.editor.waitFor();
  await page.waitForFunction(() => document.activeElement?.isContentEditable);
  await keyboard.type('Escrito sem o mouse.');
  await ana.save();
  await keyboard.press('Escape');
  await tabTo(page, 'section[aria-label="Editor de documento"] header button', 'Shift+Tab');
  while (!(await page.evaluate(() => document.activeElement?.textContent?.includes('Fechar')))) await keyboard.press('Shift+Tab');
  await keyboard.press('Enter');
  await ana.tree.waitFor();

  await keyboard.press('Control+Shift+E');
  await ana.dialog('Enviar Processo').waitFor();
  await keyboard.type('SEFAZ/GAB');
  await page.getByRole('option', { name: /SEFAZ\/GAB/ }).first().waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await page.getByRole('list', { name: 'Unidades escolhidas' }).getByText('SEFAZ/GAB').waitFor();
  await tabTo(page, 'dialog footer button');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await ana.dialog('Enviar Processo').waitFor({ state: 'detached' });
  await ana.idle();

  await keyboard.press('Alt+F11');
  await page.getByRole('menuitemradio', { name: /DEPLAN/ }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await page.getByTestId('acting-unit').filter({ hasText: 'SPGG/DEPLAN' }).waitFor();
});

test('at 200 % zoom nothing is cut and nothing scrolls sideways', async (t) => {
  const central = await t.central();
  const ana = await Servant.at(t, await t.desk(central), { width: 683, height: 384 });
  const { page } = ana;
  await ana.showCentral(central.url);
  await whole(ana, 'login');
  await ana.login(central, 'SPGG', 'ana.schneider');
  await ana.line(secondment).first().waitFor();
  await whole(ana, 'inbox');
  await page.keyboard.press('Alt+i');
  await page.getByTestId('start-form').waitFor();
  await whole(ana, 'start');
  await page.keyboard.press('Alt+F2');
  await ana.open(secondment);
  await whole(ana, 'process');
  await ana.button(/^Enviar Processo/).first().click();
  await ana.dialog('Enviar Processo').waitFor();
  await whole(ana, 'send');
  await page.keyboard.press('Escape');
  await ana.choose(/minuta/);
  await ana.edit();
  await whole(ana, 'editor');
});

async function whole(ana, name) {
  await ana.shot(`zoom-${name}`);
  const cut = await ana.page.evaluate(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > window.innerWidth) found.push(`the page is ${root.scrollWidth - window.innerWidth} pixels too wide`);
    const scrolls = (e) => {
      for (let p = e.parentElement; p; p = p.parentElement) if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth) return true;
      return false;
    };
    const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
    for (const e of top.querySelectorAll('button, h1, h2, h3, label, a, p, dt, dd, [role="tab"], [role="treeitem"], [role="row"]')) {
      if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('.visually-hidden, .skip, .pdfViewer')) continue;
      const style = getComputedStyle(e);
      const box = e.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const words = (e.innerText || e.getAttribute('aria-label') || '').slice(0, 40);
      if ((box.right > window.innerWidth + 1 || box.left < -1) && !scrolls(e)) found.push(`outside the window: ${words}`);
      else if (/hidden|clip/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1 && style.textOverflow !== 'ellipsis') found.push(`cut: ${words}`);
    }
    return found;
  });
  assert(cut.length === 0, `${name}:\n  ${cut.join('\n  ')}`);
}
