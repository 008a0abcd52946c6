// PouchDB's side of `seirs bench sync`: a server over HTTP that holds the documents, and a desk that replicates them.
//   node pouch.mjs serve ROWS FOLDER      loads the documents, prints the address, serves until its input ends
//   node pouch.mjs replicate ADDRESS FOLDER [BATCH]   prints {"seconds": …, "documents": …}; 100 a batch unless said
import { createReadStream, mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const PouchDB = require('pouchdb');
const [, , what, from, folder, batchSize] = process.argv;
mkdirSync(folder, { recursive: true });

async function serve() {
  const express = require('express');
  const Local = PouchDB.defaults({ prefix: folder + '/' });
  const db = new Local('rows');
  let batch = [];
  const flush = async () => {
    if (batch.length) await db.bulkDocs(batch);
    batch = [];
  };
  for await (const line of createInterface({ input: createReadStream(from) })) {
    const { _id, body } = JSON.parse(line);
    batch.push({ _id, body });
    if (batch.length === 1000) await flush();
  }
  await flush();
  const app = express();
  app.use('/', require('express-pouchdb')(Local, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: folder + '/log.txt' }));
  const server = app.listen(0, '127.0.0.1', () => console.log(`pouch: http://127.0.0.1:${server.address().port}/rows`));
  process.stdin.on('end', () => process.exit(0)).resume();
}

async function replicate() {
  const db = new PouchDB(folder + '/desk');
  const begun = process.hrtime.bigint();
  const result = await db.replicate.from(from, batchSize ? { batch_size: Number(batchSize) } : {});
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  console.log(JSON.stringify({ seconds, documents: result.docs_written }));
  await db.close();
}

await (what === 'serve' ? serve() : replicate());
