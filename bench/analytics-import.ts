import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, linkSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ImportSummary } from '../packages/analytics/import/protocol.ts';
import { runImportProcess } from '../packages/analytics/import/run-process.ts';
import { type Cost, measure } from './measure.ts';
import { type SimulatedVcf, SPACING, writeSimulatedVcf } from './simulated-vcf.ts';

/**
 * Import of a VCF (single, vep or cohort) against `bcftools query` into DuckDB, every field kept, in the same run:
 *
 *     node_modules/.bin/node bench/analytics-import.ts single [records, samples, PYTHON]
 *
 * With a Python that has oxbow, polars-bio and biobear, these too, and in how many rows their QUAL is another number than
 * the file's: what they keep is not every field as it is.
 *
 * Targets: single of 2,000,000 records at least 1.3 times the peer in CPU seconds, 0.8 of the vcf.gz; vep
 * of 200,000 at most 1.4 of it; cohort of 2,000 records and samples at least 5 times; under 1 GiB each. Exits 1 where not.
 */

interface Target {
  readonly records: number;
  readonly samples: number;
  readonly ratio: number;
  /** Of the vcf.gz's size. */
  readonly size: number;
}

const TARGETS: Readonly<Record<SimulatedVcf, Target>> = {
  single: { records: 2_000_000, samples: 1, ratio: 1.3, size: 0.8 },
  vep: { records: 200_000, samples: 1, ratio: 0, size: 1.4 },
  cohort: { records: 2_000, samples: 2_000, ratio: 5, size: Infinity },
};
const MEMORY_MEGABYTES = 1024;
const QUERY = String.raw`%CHROM\t%POS\t%ID\t%REF\t%ALT\t%QUAL\t%FILTER\t%INFO\t[%SAMPLE;%GT;%AD;%DP;%GQ;%PL~]\n`;
const NAMES = 'chrom pos id ref alt qual filter info samples'.split(' ');

/** The variant table's columns from the text of `bcftools query`. */
function peerStatement(output: string): string {
  const columns = NAMES.map((name) => `'${name}': '${name === 'pos' ? 'BIGINT' : 'VARCHAR'}'`).join(', ');
  const list = (name: string, by: string) => `string_split(${name}, '${by}')`;
  const field = (place: number) => `split_part(genotype, ';', ${place})`;
  const integers = (place: number) =>
    `list_transform(${list(field(place), ',')}, lambda c: TRY_CAST(c AS INTEGER))`;
  return `COPY (SELECT chrom, pos - 1 AS start, ${list('id', ';')} AS names, ref, ${list('alt', ',')} AS alternatealleles,
    TRY_CAST(qual AS DOUBLE) AS qual, ${list('filter', ';')} AS filters,
    map_from_entries(list_transform(${list('info', ';')}, lambda e: struct_pack(k := split_part(e, '=', 1), v := substr(e, strpos(e, '=') + 1)))) AS attributes,
    ${field(1)} AS sampleid, contains(${field(2)}, '|') AS phased,
    list_transform(regexp_split_to_array(${field(2)}, '[/|]'), lambda c: TRY_CAST(c AS INTEGER)) AS calls,
    ${integers(3)} AS alleledepths, TRY_CAST(${field(4)} AS INTEGER) AS depth,
    TRY_CAST(${field(5)} AS INTEGER) AS conditionalquality, ${integers(6)} AS phredlikelihoods
    FROM (SELECT *, unnest(string_split(rtrim(samples, '~'), '~')) AS genotype FROM read_csv('/dev/stdin', delim = '\t', header = false, quote = '', auto_detect = false, columns = {${columns}}, max_line_size = 16000000)))
    TO '${output}' (FORMAT parquet, COMPRESSION zstd)`;
}

/** This file, started as the peer's second half. */
async function peerSink(output: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '6GB' });
  await (await instance.connect()).run(peerStatement(output));
}

async function peer(vcf: string, output: string): Promise<void> {
  const script = 'bcftools query -f "$1" "$2" | "$3" --no-warnings "$4" --peer "$5"';
  const child = spawn(
    'sh',
    ['-c', script, 'sh', QUERY, vcf, process.execPath, import.meta.filename, output],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`the peer ended with ${status}`);
}

const PYTHON_PEERS = ['oxbow', 'polars-bio', 'biobear'];

/** What others take, where they are installed, and whether they keep the values. */
async function pythonPeers(python: string, vcf: string, folder: string): Promise<void> {
  const plain = join(folder, 'plain.vcf.gz'); // without an index beside it, which not all of them can read
  linkSync(realpathSync(vcf), plain);
  for (const name of PYTHON_PEERS) {
    const parquet = join(folder, `${name}.parquet`);
    const script = join(import.meta.dirname, 'vcf_peers.py');
    let status: number | null = null;
    const cost = await measure(async () => {
      const child = spawn(python, [script, name, plain, parquet], { stdio: 'ignore' });
      [status] = (await once(child, 'exit')) as [number | null];
    });
    if (status !== 0) console.log(`${name} is not there, or failed`);
    else {
      const changed = await changedQualities(parquet, join(folder, 'peer.parquet'));
      print(name, cost);
      console.log(
        `  ${(statSync(parquet).size / statSync(vcf).size).toFixed(2)} of the vcf.gz; QUAL is another number in ${changed} rows`,
      );
    }
  }
}

/** In how many more rows than the exact file the numbers are others. */
async function changedQualities(parquet: string, exact: string): Promise<number> {
  const connection = await (await DuckDBInstance.create()).connect();
  const values = (path: string) => `SELECT CAST(qual AS DOUBLE) AS qual FROM '${path}'`;
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::INTEGER FROM (${values(exact)} EXCEPT ALL ${values(parquet)})`,
  );
  return reader.getRows()[0]![0] as number;
}

async function rowsOf(parquet: string): Promise<number> {
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM '${parquet}'`);
  return reader.getRows()[0]![0] as number;
}

async function ours(vcf: string, directory: string): Promise<ImportSummary> {
  const request = { jobId: 'bench', vepKey: 'CSQ', directory };
  const reply = await runImportProcess(createReadStream(vcf), request);
  if (reply.outcome !== 'written') throw new Error(reply.message);
  return { files: reply.files, ...reply.facts[0]! };
}

/** The compressed file, made once. */
async function simulated(kind: SimulatedVcf, records: number, samples: number): Promise<string> {
  const folder = join(tmpdir(), 'helicase-bench-vcf');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kind}-${records}-${samples}-${SPACING[kind]}.vcf`);
  if (!existsSync(`${path}.gz`)) {
    await writeSimulatedVcf(path, kind, { records, samples });
    const made = spawnSync('bcftools', ['view', '-Oz', '-o', `${path}.gz`, path], { stdio: 'inherit' });
    if (made.status !== 0) throw new Error('bcftools could not compress the file');
    rmSync(path);
  }
  return `${path}.gz`;
}

function print(name: string, { wall, cpu, peakMegabytes }: Cost): void {
  console.log(
    `${name.padEnd(34)} ${wall.toFixed(2).padStart(8)} s wall ${cpu.toFixed(2).padStart(8)} s CPU ${peakMegabytes.toFixed(0).padStart(6)} MB`,
  );
}

async function main(
  kind: SimulatedVcf,
  records: string | undefined,
  samples: string | undefined,
  python: string | undefined,
): Promise<void> {
  const target = TARGETS[kind];
  const vcf = await simulated(kind, Number(records ?? target.records), Number(samples ?? target.samples));
  const folder = join(tmpdir(), `helicase-bench-import-${process.pid}`);
  mkdirSync(folder);
  try {
    let summary: ImportSummary | undefined;
    const byPeer = await measure(() => peer(vcf, join(folder, 'peer.parquet')));
    print('bcftools query | DuckDB', byPeer);
    const imported = await measure(async () => void (summary = await ours(vcf, folder)));
    print('import', imported);
    const ratio = byPeer.cpu / imported.cpu;
    const bytes = summary!.files.reduce((sum, { path }) => sum + statSync(path).size, 0);
    const size = bytes / statSync(vcf).size;
    const peerRows = await rowsOf(join(folder, 'peer.parquet'));
    if (peerRows !== summary!.rows)
      throw new Error(`the peer has ${peerRows} rows, the import ${summary!.rows}`);
    console.log(
      `${kind}: ${ratio.toFixed(2)} times the peer in CPU (target ${target.ratio}), ${(byPeer.wall / imported.wall).toFixed(2)} in wall;`,
    );
    console.log(
      `Parquet is ${size.toFixed(2)} of the vcf.gz (target ${target.size}; the peer's ${(statSync(join(folder, 'peer.parquet')).size / statSync(vcf).size).toFixed(2)}, without VEP's columns);`,
    );
    console.log(`peak ${imported.peakMegabytes.toFixed(0)} MB (target ${MEMORY_MEGABYTES})`);
    if (python) await pythonPeers(python, vcf, folder);
    const isReached =
      ratio >= target.ratio && size <= target.size && imported.peakMegabytes < MEMORY_MEGABYTES;
    process.exitCode = isReached ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [kind = 'single', ...more] = process.argv.slice(2);
if (kind === '--peer') await peerSink(more[0]!);
else if (kind in TARGETS) await main(kind as SimulatedVcf, more[0], more[1], more[2]);
else throw new Error('node bench/analytics-import.ts single|vep|cohort [records, samples, PYTHON]');
