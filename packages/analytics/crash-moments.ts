import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootPrincipal, systemClock } from '@helicase/kernel';
import { filesToMerge } from './compaction/plan.ts';
import { everyFile, listFiles } from './table/file-rows.ts';
import { crashAfter } from './testing/crash.ts';
import { ROLE, SCOPE, TestAnalytics } from './testing/room.ts';
import { ask, makeStore } from './testing/story.ts';

/**
 * kill -9 of a server that imports files, merges small ones and deletes stores, at seeded moments:
 *
 *     node packages/analytics/crash-moments.ts [kills, 100 unless told] [seed]
 *
 * After each kill readers see all of a file or none, and never less than before; in the end every import is complete,
 * once, the deleted stores are gone, and no byte is stored that no table has.
 */
const [kills = '100', seed = '8'] = process.argv.slice(2);
/** Of a job: they are imported together. */
const FILES = 2;
const ROWS = 10_000;
const LONGEST = 1500;

function generator(state: number): () => number {
  let next = state >>> 0;
  return () => (next = (Math.imul(next, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function vcf(contig: string): Buffer {
  const header = '##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n';
  const line = (n: number) => `${contig}\t${n + 1}\t.\tA\tG\t9\tPASS\tDP=${n}\tGT:DP\t0/1:${n}\n`;
  return Buffer.from(header + Array.from({ length: ROWS }, (_, n) => line(n)).join(''));
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

async function storesOf(room: TestAnalytics) {
  type Stores = { readonly variantStores: readonly { readonly id: string; readonly name: string }[] };
  return (await room.call<Stores>('ListVariantStores', { maxResults: 100 })).variantStores;
}

class Story {
  readonly #directory: string;
  readonly #imported: string[] = [];
  readonly #deleted = new Set<string>();
  #doomed: string | undefined;
  #seen = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async begin(): Promise<void> {
    const room = await TestAnalytics.open({ directory: this.#directory });
    await makeStore(room, 'hardy');
    await room.closeKeeping();
  }

  /** Work for the next server: one import of two files more, and every fourth time a store that is filled, or goes. */
  async prepare(room: TestAnalytics, round: number): Promise<void> {
    if (round % 4 === 1) await makeStore(room, (this.#doomed = `doomed${round}`));
    await room.records.jobs.stop();
    const contigs = Array.from({ length: FILES }, (_, file) => `contig${round}.${file}`);
    const actor = { scope: SCOPE, principal: rootPrincipal(SCOPE.account) };
    for (const contig of contigs) await room.objects.put(actor, `s3://bucket/${contig}.vcf`, vcf(contig));
    const items = contigs.map((contig) => ({ source: `s3://bucket/${contig}.vcf` }));
    const start = (destinationName: string) =>
      room.call('StartVariantImportJob', { destinationName, roleArn: ROLE, items });
    await start('hardy');
    this.#imported.push(...contigs);
    if (round % 4 === 1) await start(this.#doomed!);
    if (round % 4 === 3) {
      await room.call('DeleteVariantStore', { name: this.#doomed!, force: true });
      this.#deleted.add(this.#doomed!);
    }
  }

  /** What a reader sees right now. */
  async check(room: TestAnalytics): Promise<number> {
    const { state, reason, rows } = await ask(
      room,
      'SELECT contigname, count(*), count(DISTINCT start) FROM hardy GROUP BY 1',
    );
    expect(state === 'SUCCEEDED', `the query failed: ${reason}`);
    for (const [contig, all, distinct] of rows.slice(1))
      expect(
        Number(all) === ROWS && Number(distinct) === ROWS,
        `${contig} has ${all} rows, ${distinct} of them different`,
      );
    const seen = rows.length - 1;
    expect(seen >= this.#seen, `${this.#seen} files were there, now ${seen}`);
    this.#seen = seen;
    return seen;
  }

  async end(room: TestAnalytics): Promise<void> {
    const deadline = Date.now() + 300_000;
    while ((await this.check(room)) < this.#imported.length)
      expect(Date.now() < deadline, `only ${this.#seen} of ${this.#imported.length} imports came through`);
    let stores = await storesOf(room);
    while (stores.some(({ name }) => this.#deleted.has(name))) {
      expect(Date.now() < deadline, `not all of ${[...this.#deleted].join(', ')} were deleted`);
      await systemClock.sleep(50);
      stores = await storesOf(room);
    }
    const kept: string[] = [];
    let merged = 0;
    for (const { id } of stores) {
      while (filesToMerge(await listFiles(room.records.direct, SCOPE, id))) {
        expect(Date.now() < deadline, 'small files are still to be merged');
        await systemClock.sleep(50);
      }
      const files = await everyFile(room.records.direct, SCOPE, id);
      merged += files.filter(({ jobId }) => jobId.startsWith('compaction-')).length;
      kept.push(...files.map(({ blob }) => blob.id));
    }
    expect(merged > 0 || this.#imported.length < 10 * FILES, 'no files were merged');
    await room.vault.sweep();
    const stored: string[] = [];
    for await (const { id } of room.store.list()) stored.push(id);
    expect(
      stored.sort().join() === kept.sort().join(),
      `${stored.length} blobs are stored, ${kept.length} are of tables`,
    );
  }
}

const directory = mkdtempSync(join(tmpdir(), 'helicase-crash-moments-'));
const random = generator(Number(seed));
const story = new Story(directory);
await story.begin();
for (let round = 1; round <= Number(kills); round++) {
  const room = await TestAnalytics.open({ directory });
  const seen = round > 1 ? await story.check(room) : 0;
  await story.prepare(room, round);
  await room.closeKeeping();
  const moment = Math.floor(random() * LONGEST);
  await crashAfter(directory, moment);
  process.stdout.write(
    `kill ${round} after ${moment} ms; ${seen} of ${(round - 1) * FILES} files seen before it\n`,
  );
}
const room = await TestAnalytics.open({ directory });
await story.end(room);
await room.close();
rmSync(directory, { recursive: true, force: true });
process.stdout.write(`${kills} kills: every file whole, once; nothing is stored that no table has\n`);
