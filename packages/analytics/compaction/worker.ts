import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef, Vault } from '@helicase/blobs';
import type { Actor, Clock, Log, Scope } from '@helicase/kernel';
import type { JobRun, JobWorker, Records, Transaction } from '@helicase/records';
import type { OpenFiles } from '../sql/open-files.ts';
import { type Column, GENOTYPE_COLUMNS, SITE_COLUMNS } from '../table/columns.ts';
import { addFile, listFiles, markRemoved, type TableFile } from '../table/file-rows.ts';
import { nextSnapshot } from '../table/snapshots.ts';
import type { ImportDestination } from '../variant-import-job/import-item.ts';
import { FORGET_KIND, KEPT, replacedIn } from './forget.ts';
import { filesToMerge, rangesOf, rowsPerGroup } from './plan.ts';
import { askToMerge, tableOf } from './request.ts';
import { runMergeProcess } from './run-process.ts';

export interface CompactionPorts {
  readonly records: Records;
  readonly vault: Vault;
  readonly files: OpenFiles;
  readonly clock: Clock;
  readonly log: Log;
}

/** A kind of table whose small files are merged. */
export interface CompactedTables {
  readonly kind: string;
  readonly destination: ImportDestination;
  /** Those of whole rows; undefined where the table is gone. */
  columns(tx: Transaction, scope: Scope, id: string): Promise<readonly Column[] | undefined>;
}

type Run = JobRun<Record<string, never>, undefined, Transaction>;

/** The table was changed by another, or is going: what was merged is of no use. */
class Overtaken extends Error {}

/**
 * Merges a table's small files in the background. The new file takes their place in one transaction, as a snapshot of its
 * own: readers see the one or the others, and time travel reads the others until they are forgotten.
 */
export class CompactionWorker implements JobWorker<Record<string, never>, undefined, Transaction> {
  readonly kind: string;
  readonly concurrency = 1;
  readonly #ports: CompactionPorts;
  readonly #tables: CompactedTables;

  constructor(ports: CompactionPorts, tables: CompactedTables) {
    this.kind = tables.kind;
    this.#ports = ports;
    this.#tables = tables;
  }

  async run(run: Run): Promise<void> {
    try {
      for (;;) {
        const live = await listFiles(this.#ports.records.direct, run.actor.scope, tableOf(run.subject));
        const sources = filesToMerge(live);
        if (!sources) return;
        await this.#merge(run, sources);
      }
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }

  /** Nothing changed: the table is as it was, and the next import asks again. */
  async exhausted(_tx: Transaction, job: { readonly subject: string }, error: Error): Promise<void> {
    this.#ports.log.error({ table: tableOf(job.subject), err: error }, 'small files could not be merged');
  }

  async #merge(run: Run, sources: readonly TableFile[]): Promise<void> {
    const { vault, files } = this.#ports;
    const { scope } = run.actor;
    const table = tableOf(run.subject);
    const { kind } = sources[0]!;
    const whole = await this.#tables.columns(this.#ports.records.direct, scope, table);
    if (!whole) throw new Overtaken();
    const columns = { rows: whole, sites: SITE_COLUMNS, genotypes: GENOTYPE_COLUMNS }[kind];
    const scratch = await vault.reserveScratch('compaction');
    const open = await files.open(sources.map(({ blob }) => blob));
    try {
      const spillDirectory = join(scratch.path, 'spill');
      await mkdir(spillDirectory, { recursive: true, mode: 0o700 });
      const output = join(scratch.path, 'merged.parquet');
      const request = { paths: open.paths, columns, order: orderOf(kind, columns), output, spillDirectory };
      const rows = await runMergeProcess({ ...request, rowsPerGroup: rowsPerGroup(sources) }, run.signal);
      const wanted = sources.reduce((sum, file) => sum + file.rows, 0);
      if (rows !== wanted) throw new Error(`${wanted} rows became ${rows} when files were merged`);
      const sealedFor = this.#tables.destination.keyPurpose(table);
      await this.#replace(run, sources, rows, await vault.adopt({ scope, sealedFor }, output));
    } finally {
      await open.release();
      await scratch.release();
    }
  }

  async #replace(run: Run, sources: readonly TableFile[], rows: number, blob: BlobRef): Promise<void> {
    const { vault, records, clock, log } = this.#ports;
    const { scope } = run.actor;
    const table = tableOf(run.subject);
    const before = sources.reduce((sum, file) => sum + file.blob.size, 0);
    try {
      await run.commit(async (tx) => {
        if (!(await this.#tables.destination.grow(tx, scope, table, blob.size - before)))
          throw new Overtaken();
        const added = await nextSnapshot(tx, scope, table, clock.now(), 'replace');
        if ((await markRemoved(tx, scope, sources, added)) < sources.length) throw new Overtaken();
        await records.blobs.keep(tx, blob.id);
        const place = { storeId: table, jobId: `compaction-${added}`, item: 0, part: 0 };
        const file = { kind: sources[0]!.kind, blob, rows, ranges: rangesOf(sources), added };
        await addFile(tx, scope, { ...place, ...file });
        await this.#forgetLater(tx, run, added);
      });
    } catch (error) {
      await vault.discard(blob);
      throw error;
    }
    log.info({ table, files: sources.length, before, after: blob.size }, 'merged small files');
  }

  async #forgetLater(tx: Transaction, { actor, subject }: Run, sequence: number): Promise<void> {
    const notBefore = this.#ports.clock.now() + KEPT + 1;
    const job = {
      actor,
      kind: FORGET_KIND,
      subject: replacedIn(tableOf(subject), sequence),
      input: {},
      notBefore,
    };
    await this.#ports.records.jobs.enqueue(tx, job);
  }
}

/** By place; a cohort's genotypes stand in the order of their sites' numbers, which join them. */
function orderOf(kind: TableFile['kind'], columns: readonly Column[]): readonly string[] {
  const names = new Set(columns.map(({ name }) => name));
  return kind !== 'genotypes' && names.has('contigname') && names.has('start') ? ['contigname', 'start'] : [];
}

/** What an import asks of the tables: where its files go, and with each that small ones are merged where there are many. */
export function importsInto(records: Records, { kind, destination }: CompactedTables) {
  return {
    destination,
    compact: async (tx: Transaction, actor: Actor, subject: string): Promise<void> => {
      if (filesToMerge(await listFiles(tx, actor.scope, subject)))
        await askToMerge(records.jobs, tx, { actor, kind, table: subject });
    },
  };
}
