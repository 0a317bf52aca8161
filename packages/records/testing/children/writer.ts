import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createRecords } from '../../create-records.ts';
import { declareBooks, EAST } from '../example.ts';

/** Writes books to an SQLite file and names each on standard output once it is acknowledged, until it is killed. */
const [file, prefix] = process.argv.slice(2) as [string, string];
const records = createRecords({
  database: { kind: 'sqlite', file },
  clock: systemClock,
  ids: new Ids(systemClock, systemRandom),
  random: systemRandom,
  log: silentLog,
});
const books = declareBooks(records);
await records.open();

async function write(lane: number): Promise<never> {
  for (let number = 0; ; number++) {
    const id = `${prefix}-${lane}-${number}`;
    await records.transaction(async (tx) => {
      await books.insert(tx, { scope: EAST, id, status: 'WRITING', doc: { title: id, pages: number } });
      await books.transition(tx, EAST, id, 'PRINTED');
    });
    await records.blobs.begin(EAST, id);
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all([0, 1, 2].map(write));
