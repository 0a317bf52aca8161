import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GetVariantImportResponse } from '@aws-sdk/client-omics';
import { SqlEngine } from '../packages/analytics/sql/engine.ts';
import type { TablePart } from '../packages/analytics/sql/table-source.ts';
import { VARIANT_COLUMNS } from '../packages/analytics/table/columns.ts';
import { listFiles } from '../packages/analytics/table/file-rows.ts';
import { ROLE, SCOPE, TestAnalytics } from '../packages/analytics/testing/room.ts';
import { makeStore } from '../packages/analytics/testing/story.ts';
import { asked, median } from './athena.ts';
import { type SimulatedVcf, SPACING, writeSimulatedVcf } from './simulated-vcf.ts';

/**
 * Questions to a store through Athena's operations, warm, against bcftools on the indexed file, in the same run:
 *
 *     node_modules/.bin/node bench/analytics-queries.ts single|vep|cohort [records, samples]
 *
 * The median of five each, wall time: the query engine's, and what Athena's round trip adds to it. A question's factor is
 * beside it. Exits 1 where one is not reached.
 */

interface Question {
  readonly name: string;
  readonly sql: string;
  /** A shell command; $1 is the file. */
  readonly bcftools?: string;
  readonly factor?: number;
  readonly milliseconds?: number;
}

interface Shape {
  readonly records: number;
  readonly samples: number;
  readonly questions: readonly Question[];
}

const GUIDE_VEP = `SELECT contigname, start, vepentries.symbol FROM bench CROSS JOIN UNNEST(annotations.vep) AS t(vepentries)
  WHERE contains(vepentries.consequence, 'stop_lost') LIMIT 100`;

const SHAPES: Readonly<Record<SimulatedVcf, Shape>> = {
  single: {
    records: 2_000_000,
    samples: 1,
    questions: [
      {
        name: 'region of 200 kb',
        sql: `SELECT contigname, start, referenceallele, qual FROM bench WHERE contigname = 'chr5' AND start BETWEEN 50000000 AND 50200000`,
        bcftools: `bcftools query -r chr5:50000001-50200001 -f '%CHROM\\t%POS\\t%REF\\t%QUAL\\n' "$1"`,
        factor: 1.5,
      },
      {
        name: 'scan: PASS and depth',
        sql: `SELECT count(*) FROM bench WHERE contains(filters, 'PASS') AND depth > 30`,
        bcftools: `bcftools view -H -i 'FILTER="PASS" && FMT/DP>30' "$1" | wc -l`,
        factor: 20,
      },
      {
        name: 'one INFO key',
        sql: `SELECT count(*) FROM bench WHERE CAST(attributes['QD'] AS double) > 30`,
        bcftools: `bcftools view -H -i 'INFO/QD>30' "$1" | wc -l`,
        factor: 8,
      },
    ],
  },
  vep: {
    records: 200_000,
    samples: 1,
    questions: [
      { name: 'the guide’s VEP query', sql: GUIDE_VEP, milliseconds: 150 },
      {
        name: 'one gene',
        sql: `SELECT contigname, start FROM bench WHERE any_match(annotations.vep, v -> v.symbol = 'GENE1234')`,
        bcftools: `bcftools view -H -i 'INFO/CSQ~"|GENE1234|"' "$1" | wc -l`,
        factor: 2,
      },
    ],
  },
  cohort: {
    records: 20_000,
    samples: 2_000,
    questions: [
      {
        name: 'one sample, not reference',
        sql: `SELECT count(*) FROM bench WHERE sampleid = 'S00042' AND any_match(calls, c -> c > 0)`,
        bcftools: `bcftools view -H -s S00042 -i 'GT="alt"' "$1" | wc -l`,
        factor: 5,
      },
      {
        name: 'allele frequency of all',
        sql: `SELECT contigname, start, sum(cardinality(filter(calls, c -> c = 1))) FROM bench GROUP BY 1, 2`,
        bcftools: `bcftools +fill-tags "$1" -Ou -- -t AF | bcftools query -f '%CHROM\\t%POS\\t%AF\\n'`,
        factor: 6,
      },
      {
        name: 'all genotypes of 1 Mb',
        sql: `SELECT start, sampleid, calls FROM bench WHERE contigname = 'chr2' AND start BETWEEN 1000000 AND 1999999`,
        bcftools: `bcftools query -r chr2:1000001-2000000 -f '[%POS\\t%SAMPLE\\t%GT\\n]' "$1"`,
        factor: 1,
      },
    ],
  },
};
const TIMES = 5;
/** Milliseconds that Athena's operations may add. */
const ROUND_TRIP = 50;

/** The indexed file, made once. */
async function simulated(kind: SimulatedVcf, records: number, samples: number): Promise<string> {
  const folder = join(tmpdir(), 'helicase-bench-vcf');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kind}-${records}-${samples}-${SPACING[kind]}.vcf`);
  if (!existsSync(`${path}.gz`)) {
    await writeSimulatedVcf(path, kind, { records, samples });
    shell('bcftools view -Oz -o "$1.gz" "$1"', path);
    rmSync(path);
  }
  if (!existsSync(`${path}.gz.csi`)) shell('bcftools index "$1"', `${path}.gz`);
  return `${path}.gz`;
}

function shell(script: string, file: string): void {
  const run = spawnSync('bash', ['-c', `set -o pipefail; { ${script}; } > /dev/null`, 'bash', file], {
    stdio: 'inherit',
  });
  if (run.status !== 0) throw new Error(`${script} ended with ${run.status}`);
}

async function imported(room: TestAnalytics, vcf: string): Promise<void> {
  await makeStore(room, 'bench');
  const source = room.objects.path('s3://bucket/bench.vcf.gz');
  mkdirSync(dirname(source), { recursive: true });
  await link(vcf, source);
  const items = [{ source: 's3://bucket/bench.vcf.gz' }];
  const start = { destinationName: 'bench', roleArn: ROLE, items };
  const { jobId } = await room.call<{ jobId: string }>('StartVariantImportJob', start);
  for (;;) {
    const job = await room.call<GetVariantImportResponse>('GetVariantImportJob', { jobId });
    if (job.status === 'COMPLETED') return;
    if (job.status !== 'SUBMITTED' && job.status !== 'IN_PROGRESS') throw new Error(job.statusMessage);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The query engine over the store's files, without the service around it. */
class BareEngine {
  readonly #engine = new SqlEngine();
  readonly #folder: string;
  readonly #parts: readonly TablePart[];

  private constructor(folder: string, parts: readonly TablePart[]) {
    this.#folder = folder;
    this.#parts = parts;
  }

  static async open(room: TestAnalytics): Promise<BareEngine> {
    const folder = join(room.directory, 'bare');
    mkdirSync(join(folder, 'spill'), { recursive: true });
    const { id } = await room.call<{ id: string }>('GetVariantStore', { name: 'bench' });
    const parts: TablePart[] = [];
    for (const { blob, kind } of await listFiles(room.records.direct, SCOPE, id))
      parts.push({ kind, path: (await room.vault.materialize(blob, `${blob.id}.parquet`)).path });
    return new BareEngine(folder, parts);
  }

  async ask(sql: string): Promise<number> {
    const begin = performance.now();
    const columns = VARIANT_COLUMNS.map(({ name }) => name);
    const reply = await this.#engine.run(
      {
        ...{
          sql,
          database: 'bench',
          tables: [{ database: 'bench', table: 'bench', columns }],
          explain: false,
        },
        ...{ resultPath: join(this.#folder, 'result.csv'), spillDirectory: join(this.#folder, 'spill') },
        files: async () => ({ 0: { parts: this.#parts, columns: VARIANT_COLUMNS } }),
      },
      new AbortController().signal,
    );
    if (reply.outcome === 'failed') throw new Error(reply.message);
    return performance.now() - begin;
  }

  close(): void {
    this.#engine.close();
  }
}

/** On a question that takes no time itself. */
async function isRoundTripShort(room: TestAnalytics, engine: BareEngine): Promise<boolean> {
  const sql = `SELECT contigname FROM bench WHERE contigname = 'none'`;
  await engine.ask(sql);
  await asked(room, sql);
  const added = (await median(TIMES, () => asked(room, sql))) - (await median(TIMES, () => engine.ask(sql)));
  console.log(`Athena's round trip adds ${added.toFixed(0)} ms (under ${ROUND_TRIP} ms)`);
  return added < ROUND_TRIP;
}

async function isReached(engine: BareEngine, vcf: string, question: Question): Promise<boolean> {
  const { name, sql, bcftools, factor = 0, milliseconds = Infinity } = question;
  await engine.ask(sql);
  const ours = await median(TIMES, () => engine.ask(sql));
  const peer = bcftools
    ? await median(TIMES, () => {
        const begin = performance.now();
        shell(bcftools, vcf);
        return performance.now() - begin;
      })
    : undefined;
  const ratio = peer === undefined ? Infinity : peer / ours;
  const wanted = factor > 0 ? `at least ${factor} times faster` : `under ${milliseconds} ms`;
  const reached = ratio >= factor && ours < milliseconds;
  console.log(
    `${name.padEnd(28)} ${ours.toFixed(0).padStart(6)} ms; bcftools ${peer?.toFixed(0) ?? '-'} ms: ${ratio.toFixed(1)} times (${wanted})${reached ? '' : ' NOT REACHED'}`,
  );
  return reached;
}

const [kind = 'single', records, samples] = process.argv.slice(2);
if (!(kind in SHAPES))
  throw new Error('node bench/analytics-queries.ts single|vep|cohort [records, samples]');
const shape = SHAPES[kind as SimulatedVcf];
const vcf = await simulated(
  kind as SimulatedVcf,
  Number(records ?? shape.records),
  Number(samples ?? shape.samples),
);
const room = await TestAnalytics.open();
try {
  await imported(room, vcf);
  const engine = await BareEngine.open(room);
  const reached = [await isRoundTripShort(room, engine)];
  for (const question of shape.questions) reached.push(await isReached(engine, vcf, question));
  engine.close();
  process.exitCode = reached.every(Boolean) ? 0 : 1;
} finally {
  await room.close();
}
