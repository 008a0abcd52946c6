// Runs the end-to-end tests: every build/e2e/*.spec.mjs, or those whose name or test contains an argument.
//
//   node build/e2e/run.mjs [WORD...]
//
// One line a test; pictures and the processes' logs stay in build/out/e2e. The last line counts.
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { World, out, root, tests } from './harness.mjs';

const words = process.argv.slice(2);
const directory = path.join(root, 'build/e2e');

if (words.length === 0) await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

for (const file of (await readdir(directory)).filter((name) => name.endsWith('.spec.mjs')).sort()) {
  const before = tests.length;
  await import(path.join(directory, file));
  for (const declared of tests.slice(before)) declared.file = file;
}
const chosen = tests.filter((t) => words.length === 0 || words.some((word) => t.file.includes(word) || t.name.includes(word)));

// Each test has machines of its own, so they can run beside each other. The longest begin first.
const workers = Number(process.env.E2E_WORKERS ?? 2);
const worlds = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const world of worlds) world.endNow();
    process.exit(130);
  });
}

const failed = [];
const queue = [...chosen].sort((a, b) => b.timeout - a.timeout);

async function runOne({ name, file, run, timeout }) {
  const began = Date.now();
  const world = await World.make(name);
  worlds.add(world);
  let problem;
  let late;
  try {
    await Promise.race([
      run(world),
      new Promise((_, reject) => {
        late = setTimeout(() => reject(new Error(`not done in ${timeout / 1000} s`)), timeout);
      }),
    ]);
    if (world.problems.length > 0) throw new Error(`the page reported errors:\n${world.problems.join('\n')}`);
  } catch (error) {
    problem = error;
    await world.blame();
  } finally {
    clearTimeout(late);
    await world.end();
    worlds.delete(world);
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${problem ? 'FAILED' : 'ok    '} ${seconds.padStart(6)} s  ${name}  (${file})`);
  if (problem) {
    failed.push(name);
    console.log(String(problem.stack ?? problem).replace(/^/gm, '    '));
  }
}

async function work() {
  for (let next = queue.shift(); next; next = queue.shift()) await runOne(next);
}
await Promise.all(Array.from({ length: Math.max(1, workers) }, work));
await World.closeBrowser();

if (chosen.length === 0) {
  console.log('no test was found');
  failed.push('no test');
}
console.log(`${chosen.length - (chosen.length ? failed.length : 0)} passed, ${failed.length} failed`);
process.exit(failed.length ? 1 : 0);
