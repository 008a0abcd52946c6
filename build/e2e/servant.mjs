// What a servant does in the window, in the words that stand on the screen: everything is found by
// its role and accessible name, so that a control without a name fails the tests.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { assert, root } from './harness.mjs';

/** The password of every user of a demonstration central. */
export const demoPassword = 'demonstracao';

/** waiting is what the window says of everything that the central has not accepted. */
export const waiting = 'aguardando envio';

const run = promisify(execFile);

/** signer makes a token, a PFX file and the training roots of one user of the demonstration. */
export async function signer(t, agency, login) {
  const folder = path.join(t.directory, `signer-${login}`);
  await mkdir(folder);
  const { stdout } = await run('go', ['run', '-buildvcs=false', '-trimpath', '-tags', 'sqlite_fts5', './build/e2e/signer', folder, agency, login], {
    cwd: root,
  });
  return JSON.parse(stdout);
}

/** pdf makes a small PDF of one page that says the words. */
export function pdf(words) {
  const text = `BT /F1 18 Tf 72 720 Td (${words.replace(/[()\\]/g, '\\$&')}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let out = '%PDF-1.7\n';
  const offsets = objects.map((body, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return at;
  });
  const table = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((o) => `${String(o).padStart(10, '0')} 00000 n \n`).join('')}`;
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(out, 'latin1');
}

/** A servant at a window. */
export class Servant {
  constructor(t, desk, page) {
    this.t = t;
    this.desk = desk;
    this.page = page;
  }

  /** at opens the window of a desk. */
  static async at(t, desk, options) {
    return new Servant(t, desk, await t.open(desk, options));
  }

  button(name, within = this.page) {
    return within.getByRole('button', { name, exact: typeof name === 'string' });
  }

  dialog(name) {
    return this.page.getByRole('dialog', { name });
  }

  get statusBar() {
    return this.page.getByRole('contentinfo', { name: 'Barra de estado' });
  }

  /** connected waits until the central answers the desk. */
  async connected() {
    await this.page.locator('[data-testid="connection"][data-phase="connected"]').waitFor();
  }

  /** idle waits until nothing waits to be sent. */
  async idle() {
    await this.statusBar.getByRole('button', { name: /^0 aguardando envio/ }).waitFor({ timeout: 90_000 });
  }

  /** showCentral goes through the first start, where the address may already stand. */
  async showCentral(url) {
    const address = this.page.getByLabel('Endereço da central');
    const login = this.page.getByRole('textbox', { name: 'Usuário' });
    await address.or(login).first().waitFor();
    if (!(await address.isVisible())) return;
    await address.fill(url);
    await this.button('Conectar').click();
    await login.waitFor();
  }

  async fillLogin(agency, user, password) {
    await this.page.getByLabel('Órgão').selectOption(agency);
    await this.page.getByRole('textbox', { name: 'Usuário' }).fill(user);
    await this.page.getByLabel('Senha').fill(password);
  }

  /** login enters online and waits for the list of processes. */
  async login(central, agency, user, password = demoPassword) {
    await this.showCentral(central.url);
    await this.fillLogin(agency, user, password);
    await this.button('Entrar').click();
    await this.inbox();
  }

  /** unlock enters without the central. */
  async unlock(agency, user, password = demoPassword) {
    await this.fillLogin(agency, user, password);
    await this.button(/Abrir sem rede/).click();
    await this.inbox();
  }

  async leave(how) {
    await this.button(/^Usuário: /).click();
    await this.page.getByRole('menuitem', { name: how }).click();
    await this.page.getByLabel('Senha').waitFor();
  }

  /** inbox waits for Controle de Processos. */
  async inbox() {
    await this.page.getByRole('heading', { name: 'Controle de Processos', level: 1 }).waitFor();
  }

  /** goto chooses a screen of the side menu. */
  async goto(name) {
    await this.page.getByRole('navigation', { name: 'Menu principal' }).getByRole('button', { name }).click();
    await this.page.getByRole('heading', { name, level: 1 }).waitFor();
  }

  column(name) {
    return this.page.getByRole('grid', { name });
  }

  /** line is a process of the list that shows the words. */
  line(words, column) {
    return (column ? this.column(column) : this.page).getByRole('row').filter({ hasText: words });
  }

  /** open opens the process of the list that shows the words. */
  async open(words) {
    await this.line(words).first().click();
    await this.tree.waitFor();
  }

  get tree() {
    return this.page.getByRole('tree', { name: 'Árvore do processo' });
  }

  /** choose chooses a document of the tree. */
  async choose(name) {
    await this.tree.getByRole('treeitem', { name }).click();
  }

  /** number is the open process's number or local reference. */
  async number() {
    return (await this.page.getByTestId('process-number').innerText()).trim();
  }

  /** pick completes a field and takes the first entry with the words. */
  async pick(label, words, within = this.page) {
    const field = within.getByRole('combobox', { name: label });
    await field.click();
    await field.fill(words);
    await this.page.getByRole('listbox', { name: label }).getByRole('option').filter({ hasText: words }).first().click();
  }

  async startProcess({ type, specification, interested = '', level = 'Público', basis = '' }) {
    await this.button(/^Iniciar Processo/).first().click();
    const form = this.page.getByTestId('start-form');
    await this.pick('Tipo do processo', type, form);
    await form.getByLabel('Especificação').fill(specification);
    if (interested) {
      await form.getByLabel('Interessados').first().fill(interested);
      await form.getByLabel('Interessados').first().press('Enter');
    }
    await form.getByRole('radio', { name: level }).check();
    if (basis) await this.pick('Hipótese legal', basis, form);
    await this.button('Salvar', form).click();
    await this.tree.waitFor();
  }

  get editor() {
    return this.page.getByRole('textbox', { name: 'Texto do documento' });
  }

  /** addDocument adds a minute and leaves the editor open on it. */
  async addDocument(type) {
    await this.button(/^Incluir Documento/).first().click();
    const dialog = this.dialog('Incluir Documento');
    await this.pick('Tipo do documento', type, dialog);
    await this.button('Salvar e escrever', dialog).click();
    await this.editor.waitFor();
  }

  async edit() {
    await this.button(/^Editar Conteúdo/).first().click();
    await this.editor.waitFor();
  }

  /** write types at the end of the text; each line is a paragraph. */
  async write(...lines) {
    await this.editor.click();
    await this.page.keyboard.press('Control+End');
    for (const [i, line] of lines.entries()) {
      if (i) await this.page.keyboard.press('Enter');
      await this.page.keyboard.type(line);
    }
  }

  /** save stores the text with the key and waits until the window says so. */
  async save() {
    await this.page.keyboard.press('Control+s');
    const region = this.page.getByRole('region', { name: 'Editor de documento' });
    await region.locator('.state').filter({ hasText: /Salvo|aguardando envio/ }).waitFor();
  }

  async closeEditor() {
    await this.button('Fechar', this.page.getByRole('region', { name: 'Editor de documento' })).click();
    await this.tree.waitFor();
  }

  /** drop drags a file onto the open process. */
  async drop(name, data, type = 'application/pdf') {
    const carried = await this.page.evaluateHandle(
      ([n, bytes, t]) => {
        const d = new DataTransfer();
        d.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], n, { type: t }));
        return d;
      },
      [name, data.toString('base64'), type],
    );
    const zone = this.page.getByTestId('drop-zone');
    await zone.dispatchEvent('dragenter', { dataTransfer: carried });
    await zone.dispatchEvent('drop', { dataTransfer: carried });
  }

  /** chooseFile presses a button that opens the browser's file dialog, and chooses there. */
  async chooseFile(button, file) {
    const opened = this.page.waitForEvent('filechooser');
    await button.click();
    await (await opened).setFiles(file);
  }

  /** fillExternal fills and sends the form of an external document that has its file already. */
  async fillExternal({ type, treeName = '', sender = '', conference = '' }) {
    const dialog = this.dialog('Registrar Documento Externo');
    await this.pick('Tipo do documento', type, dialog);
    if (treeName) await dialog.getByLabel('Nome na árvore').fill(treeName);
    if (conference) {
      await dialog.getByLabel('Formato').selectOption('digitalizado');
      await dialog.getByLabel('Tipo de conferência').selectOption({ label: conference });
    }
    if (sender) await dialog.getByLabel('Remetente').first().fill(sender);
    await this.button('Registrar', dialog).click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** pages waits until the viewer shows a page, drawn. */
  async pages() {
    await this.page.locator('[data-testid="pdf-viewer"][data-ready="true"]').waitFor();
    await this.page.locator('[data-testid="pdf-viewer"] .page[data-loaded="true"] canvas').first().waitFor();
  }

  get signDialog() {
    return this.dialog(/^Assinar/);
  }

  async startSigning() {
    await this.button(/^Assinar/).first().click();
    await this.signDialog.getByRole('group', { name: 'Como assinar' }).waitFor();
  }

  async takePosition(position) {
    const field = this.signDialog.getByRole('combobox', { name: 'Cargo / Função' });
    if ((await field.inputValue()) === position) return;
    await this.pick('Cargo / Função', position, this.signDialog);
  }

  /** finishSigning waits for the good result and closes the dialog. */
  async finishSigning() {
    await this.signDialog.getByText('O documento foi assinado.').first().waitFor({ timeout: 90_000 });
    await this.button('Concluir', this.signDialog).click();
    await this.signDialog.waitFor({ state: 'detached' });
  }

  async send(to, { keepOpen = false } = {}) {
    await this.button(/^Enviar Processo/).first().click();
    const dialog = this.dialog('Enviar Processo');
    await this.pick('Unidades de destino', to, dialog);
    if (keepOpen) await dialog.getByLabel('Manter processo aberto na unidade atual').check();
    await this.button('Enviar', dialog).click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** panel shows a tab of the side panel, and opens the panel for it. */
  async panel(name) {
    const open = this.button(/^Abrir o painel lateral/);
    await open.or(this.side).first().waitFor();
    if (await open.isVisible()) await open.click();
    await this.page.getByRole('complementary', { name: 'Painel lateral' }).getByRole('tab', { name }).click();
  }

  get side() {
    return this.page.getByRole('complementary', { name: 'Painel lateral' });
  }

  /** call asks the desk as the window does, for what no screen shows. */
  async call(method, ...args) {
    return this.page.evaluate(
      async ([m, a]) => {
        const answer = await fetch(`/api/${m}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(a) });
        const body = await answer.json();
        if (!answer.ok) throw new Error(`${m}: ${body.message}`);
        return body;
      },
      [method, args],
    );
  }

  /** read gives the bytes at an address of the desk. */
  async read(url) {
    const answer = await this.page.request.get(new URL(url, this.page.url()).href);
    assert(answer.ok(), `${url} answered ${answer.status()}`);
    return answer.body();
  }

  async shot(name) {
    await this.t.screenshot(this.page, name);
  }
}

/** part writes the first half of a file, as a scanner that is still at it. */
export async function part(file, data) {
  await writeFile(file, data.subarray(0, Math.floor(data.length / 2)));
}

export { readFile, writeFile };
