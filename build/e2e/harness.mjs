// Real processes and a real browser for the end-to-end tests: a demonstration central, desks on
// loopback, Chromium. Everything lives in a temporary directory of the test and ends with it.
//
//   import { test } from './harness.mjs';
//   test('a servant logs in', async (t) => {
//     const central = await t.central();
//     const desk = await t.desk(central);
//     const page = await t.open(desk);
//     ...
//     await t.screenshot(page, 'inbox');
//     await t.accessible(page);
//   });
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const out = path.join(root, 'build/out/e2e');
export const seirs = process.env.SEIRS ?? path.join(root, 'build/bin/seirs');

const packages = createRequire(path.join(root, 'frontend/package.json'));
const { chromium } = packages('playwright-core');

const startLimit = 60_000; // until a process prints its address
const stopLimit = 10_000; // from the polite signal to the other one

/** Every test that the specs declared, in order. */
export const tests = [];

/** test declares one test; its name is the rule that it proves. */
export function test(name, run, { timeout = 180_000 } = {}) {
  tests.push({ name, run, timeout });
}

/** assert fails the test with a sentence. */
export function assert(condition, message) {
  if (!condition) throw new Error(message);
}

const givenPorts = new Set();

/**
 * freePort finds a port that nobody listens on, outside of those that the system gives to
 * outgoing connections: a central that is started again still finds it free.
 */
export async function freePort() {
  for (let tries = 0; tries < 200; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (givenPorts.has(port)) continue;
    const free = await new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (!free) continue;
    givenPorts.add(port);
    return port;
  }
  throw new Error('no free port was found');
}

/** Process is one program of ours that prints the address at which it answers. */
export class Process {
  constructor(name, args, { address, log, env = {} }) {
    this.name = name;
    this.args = args;
    this.address = address;
    this.log = log;
    this.env = env;
    this.output = '';
  }

  /** start resolves when the address was printed; it is then in this.url. */
  async start() {
    const file = createWriteStream(this.log, { flags: 'a' });
    this.output = '';
    this.child = spawn(seirs, this.args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.env }, detached: true });
    this.ended = new Promise((resolve) => this.child.once('close', (code, signal) => resolve(signal ?? code)));
    this.url = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${this.name} printed no address in ${startLimit / 1000} s:\n${this.output}`)), startLimit);
      const read = (chunk) => {
        file.write(chunk);
        this.output = (this.output + chunk).slice(-1_000_000);
        const found = this.address.exec(this.output);
        if (found) {
          clearTimeout(late);
          resolve(found[0]);
        }
      };
      this.child.stdout.on('data', read);
      this.child.stderr.on('data', read);
      this.child.once('error', reject);
      this.ended.then((how) => {
        clearTimeout(late);
        reject(new Error(`${this.name} ended (${how}) before it printed an address:\n${this.output}`));
      });
    });
    return this;
  }

  /** stop asks the process to end, and waits until it did. */
  async stop(signal = 'SIGTERM') {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), stopLimit);
    await this.ended;
    clearTimeout(late);
  }

  /** kill ends the process as a power cut would. */
  async kill() {
    await this.stop('SIGKILL');
  }
}

/** Cable is what lies between one desk and the central; it can be pulled. */
export class Cable {
  constructor(central) {
    const { hostname, port } = new URL(central.url);
    this.sockets = new Set();
    this.server = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const [socket, other] of [[near, far], [far, near]]) {
        this.sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }

  /** plug lets the desk reach the central, always at the same address. */
  async plug() {
    this.port ??= await freePort();
    await new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', resolve);
    });
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  /** pull ends what is under way and refuses the rest. */
  async pull() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** stop is pull, for the end of a test. */
  async stop() {
    if (this.server.listening) await this.pull();
  }
}

/** World is what one test sees of the machine. */
export class World {
  static async make(name) {
    const world = new World();
    world.slug = name.normalize('NFD').replace(/[^\w]+/g, '-').toLowerCase().slice(0, 60);
    world.directory = await mkdtemp(path.join(tmpdir(), 'seirs-e2e-'));
    world.processes = [];
    world.contexts = [];
    world.pages = [];
    world.problems = [];
    await mkdir(out, { recursive: true });
    return world;
  }

  /** central starts a demonstration central; stop() and start() bring it back on the same address. */
  async central({ name = 'central', args = [] } = {}) {
    const port = await freePort();
    const data = path.join(this.directory, name);
    const central = new Process(name, ['central', '--demo', '--listen', `127.0.0.1:${port}`, '--data', data, ...args], {
      address: /(?<=^central: )http\S+(?=\s)/m,
      ...this.#log(name),
    });
    central.data = data;
    this.processes.push(central);
    return central.start();
  }

  /** desk starts a workstation of that central, served over loopback. */
  async desk(central, { name = `desk${this.processes.length}`, args = [], env = {} } = {}) {
    const data = path.join(this.directory, name);
    const desk = new Process(name, ['desk', '--listen', '127.0.0.1:0', '--central', central.url, '--profile', data, ...args], {
      address: /http:\/\/127\.0\.0\.1:\d+\/\?ticket=[\w-]+(?=[\s"])/,
      ...this.#log(name, env),
    });
    desk.data = data;
    this.processes.push(desk);
    return desk.start();
  }

  /** cable gives a desk an own way to the central; use it in place of the central. */
  async cable(central) {
    const cable = await new Cable(central).plug();
    this.processes.push(cable);
    return cable;
  }

  #log(name, env = {}) {
    // The keyring of whoever runs the tests is left alone.
    const keyring = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.join(this.directory, 'no-keyring')}` };
    return { log: path.join(out, `${this.slug}.${name}.log`), env: { ...keyring, ...env } };
  }

  /** open shows a desk in a browser of its own and returns the page. */
  async open(desk, options) {
    const page = await this.visit(desk.url, { name: desk.name, ...options });
    // The address is spent by the first visit, which then leads to the window itself.
    await page.waitForURL((url) => url.pathname === '/' && url.search === '');
    return page;
  }

  /** visit shows an address in a browser of its own, as somebody without an account sees it. */
  async visit(url, { name = 'visitor', width = 1366, height = 768, colorScheme = 'light' } = {}) {
    World.browser ??= chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--lang=pt-BR'],
      env: { ...process.env, LANGUAGE: 'pt_BR' },
    });
    const context = await (await World.browser).newContext({ viewport: { width, height }, locale: 'pt-BR', timezoneId: 'America/Sao_Paulo', colorScheme });
    context.setDefaultTimeout(45_000);
    this.contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.problems.push(`${name}: ${error.stack ?? error}`));
    this.pages.push({ page, name });
    await page.goto(url);
    return page;
  }

  /** screenshot keeps a picture of the page in build/out/e2e. */
  async screenshot(page, name) {
    const file = path.join(out, `${name}.png`);
    await page.screenshot({ path: file });
    return file;
  }

  /** accessible fails when axe finds something serious on the page as it stands. */
  async accessible(page, { exclude = [] } = {}) {
    World.axe ??= await readFile(packages.resolve('axe-core/axe.min.js'), 'utf8');
    // The window's content security policy forbids added scripts; the debugger's evaluation is not one.
    await page.evaluate(`if (!window.axe) { ${World.axe} }`);
    const { violations } = await page.evaluate(
      (without) => window.axe.run({ include: [['html']], exclude: without.map((s) => [s]) }, { resultTypes: ['violations'] }),
      exclude,
    );
    const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
    assert(
      serious.length === 0,
      serious.map((v) => `axe ${v.impact} ${v.id}: ${v.help}\n${v.nodes.slice(0, 5).map((n) => `    ${n.target}: ${n.html.slice(0, 200)}`).join('\n')}`).join('\n'),
    );
  }

  /** until waits for a condition that no event tells of, and says what it waited for. */
  async until(what, condition, limit = 45_000) {
    const end = Date.now() + limit;
    for (;;) {
      const value = await condition();
      if (value) return value;
      if (Date.now() > end) throw new Error(`not in ${limit / 1000} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** blame keeps a picture of each open page after a failure. */
  async blame() {
    for (const { page, name } of this.pages) {
      if (!page.isClosed()) await page.screenshot({ path: path.join(out, `FAILED-${this.slug}-${name}.png`) }).catch(() => {});
    }
  }

  /** end stops everything that the test started, desks before centrals. */
  async end() {
    for (const context of this.contexts) await context.close().catch(() => {});
    for (const started of [...this.processes].reverse()) await started.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** endNow is for the way out: nothing of ours may stay behind. */
  endNow() {
    for (const { child } of this.processes) {
      if (child && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    }
  }

  static async closeBrowser() {
    await (await World.browser)?.close();
    World.browser = undefined;
  }
}
