import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * The stub runs of an nf-core pipeline's own tests, and whether they start as many tasks and publish the same files as
 * its snapshots say.
 * node conformance/nextflow/stubs.ts PIPELINE [NAME...]
 * PIPELINE is a checkout; NAME is that of a test file, `default` where none is named.
 *
 * What is not real: test data are empty files of their names, and tools that are not on this machine are stand-ins
 * that say "version 1.0.0", since `eval` outputs call the real ones even in a stub run.
 */
/** Sample sheets that the pipelines' tests take from elsewhere, by what they say of samples. */
const READS = 'DATA/testdata';
const SHEETS: Readonly<Record<string, readonly string[]>> = {
  'bbsplit_fasta_list.txt': ['sarscov2,DATA/reference/sarscov2.fa', 'human,DATA/reference/human.fa'],
  'samplesheet_test.csv': [
    'sample,fastq_1,fastq_2,strandedness',
    `WT_REP1,${READS}/SRR6357070_1.fastq.gz,${READS}/SRR6357070_2.fastq.gz,auto`,
    `WT_REP1,${READS}/SRR6357071_1.fastq.gz,${READS}/SRR6357071_2.fastq.gz,auto`,
    `WT_REP2,${READS}/SRR6357072_1.fastq.gz,${READS}/SRR6357072_2.fastq.gz,reverse`,
    `RAP1_UNINDUCED_REP1,${READS}/SRR6357073_1.fastq.gz,,reverse`,
    `RAP1_UNINDUCED_REP2,${READS}/SRR6357074_1.fastq.gz,,reverse`,
    `RAP1_UNINDUCED_REP2,${READS}/SRR6357075_1.fastq.gz,,reverse`,
    `RAP1_IAA_30M_REP1,${READS}/SRR6357076_1.fastq.gz,${READS}/SRR6357076_2.fastq.gz,reverse`,
  ],
};

const [given, ...names] = process.argv.slice(2);
if (given === undefined) {
  console.error('Give the path of a checkout of an nf-core pipeline.');
  process.exit(2);
}
const DATA_URL = /https:\/\/raw\.githubusercontent\.com\/nf-core\/test-datasets\//g;
const pipeline = resolve(given);
const root = resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'nextflow-stubs-'));
const data = join(folder, 'data');
const project = join(folder, basename(pipeline));
prepare();
const wanted = names.length === 0 ? ['default'] : names;
const results = wanted.flatMap((name) => stubTests(name)).map((test) => ({ test, problem: run(test) }));
for (const { problem, test } of results)
  console.log(problem === undefined ? `ok   ${test.title}` : `FAIL ${test.title}\n     ${problem}`);
console.log(`${results.filter(({ problem }) => problem === undefined).length} of ${results.length}`);
if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
else console.log(folder);
process.exitCode = results.every(({ problem }) => problem === undefined) ? 0 : 1;

interface StubTest {
  readonly title: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly tasks: number;
  readonly files: readonly string[];
}

/** A copy of the pipeline whose test data are local, and whose missing tools have stand-ins. */
function prepare(): void {
  cpSync(pipeline, project, { recursive: true, filter: (path) => basename(path) !== '.git' });
  for (const file of globSync(['**/*.config', '**/*.csv', '**/*.yml'], { cwd: project })) {
    const path = join(project, file);
    const text = readFileSync(path, 'utf8');
    if (DATA_URL.test(text)) writeFileSync(path, text.replace(DATA_URL, `${data}/`));
  }
  for (const file of globSync(['**/*.config', '**/*.csv'], { cwd: project }))
    for (const [path] of readFileSync(join(project, file), 'utf8').matchAll(
      new RegExp(`${data}/[^\\s'",]+\\.\\w+`, 'g'),
    ))
      placeholder(path);
  const bin = join(project, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of evalPrograms()) {
    if (existsSync(join(bin, program))) continue;
    const here = whereIs(program);
    // Debian's awk has no --version, and its samtools tells in it of a path in another encoding, which stops sed's dot.
    if (here !== undefined && tellsVersion(here)) continue;
    const otherwise = here === undefined ? '' : `[ "$1" = --version ] || exec ${here} "$@"\n`;
    writeFileSync(join(bin, program), `#!/bin/sh\n${otherwise}echo "version 1.0.0"\n`);
    chmodSync(join(bin, program), 0o755);
  }
}

function tellsVersion(program: string): boolean {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 && !stdout.includes('\uFFFD');
}

/** The programs that `eval` outputs and the versions of stubs call: the first words between pipes. */
function evalPrograms(): Set<string> {
  const found = new Set<string>();
  for (const file of globSync('**/main.nf', { cwd: project })) {
    const text = readFileSync(join(project, file), 'utf8');
    const evaluated = [...text.matchAll(/\beval\(\s*(["'])(.*?)\1\s*\)/g)].map(([, , command]) => command!);
    const versions = [...text.matchAll(/^\s+["\w.-]+: \\\$\(\s*(?:echo \\\$\()?(.*)$/gm)].map(
      ([, command]) => command!,
    );
    for (const command of [...evaluated, ...versions])
      for (const part of command.split(/[|;]|&&/)) {
        const [program = ''] = part.trim().split(/\s+/);
        if (/^[A-Za-z][\w.+-]*$/.test(program)) found.add(program);
      }
  }
  return found;
}

function whereIs(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((place) => join(place, program))
    .find((path) => existsSync(path));
}

function placeholder(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const sheet = SHEETS[basename(path)];
  const text = sheet?.map((line) => line.replaceAll('DATA', data)).join('\n') ?? '';
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(text) : text);
  for (const [other] of text.matchAll(new RegExp(`${data}/[^\\s'",]+`, 'g'))) placeholder(other);
}

/** The tests of a file that run stubs, with what their snapshots say. */
function stubTests(name: string): StubTest[] {
  const text = readFileSync(join(pipeline, 'tests', `${name}.nf.test`), 'utf8');
  const snapshots = JSON.parse(
    readFileSync(join(pipeline, 'tests', `${name}.nf.test.snap`), 'utf8'),
  ) as Record<string, { content: [number, unknown, ...unknown[]] }>;
  return Object.entries(snapshots)
    .filter(([title]) => /stub/i.test(title))
    .map(([title, { content }]) => ({
      title,
      tasks: content[0],
      files: content.find((part): part is string[] => Array.isArray(part)) ?? [],
      params: paramsOf(text, title),
    }));
}

/** `name = "value"` in the `params` block of a test in the older form, `params: [name: value]` in the newer. */
function paramsOf(text: string, title: string): Record<string, unknown> {
  const start = text.indexOf(title);
  const end = text.indexOf('test(', start);
  const part = text.slice(start, end === -1 ? undefined : end);
  const block = /params\s*(?:\{([^}]*)\}|:\s*\[([^\]]*)\])/.exec(part);
  const lines = (block?.[1] ?? block?.[2] ?? '').matchAll(/(\w+)\s*[=:]\s*(.+?),?\s*$/gm);
  return Object.fromEntries(
    [...lines].filter(([, name]) => name !== 'outdir').map(([, name, written]) => [name, paramOf(written!)]),
  );
}

function paramOf(written: string): unknown {
  if (/^(null|true|false|-?\d+(\.\d+)?)$/.test(written)) return JSON.parse(written);
  return written
    .replace(/^modules_testdata_base_path\s*\+\s*["']\/?/, `${data}/modules/data/`)
    .replace(/^["']|["']$/g, '')
    .replaceAll(/\$\{?projectDir\}?/g, project)
    .replaceAll(DATA_URL, `${data}/`);
}

function run({ files, params, tasks }: StubTest): string | undefined {
  const place = mkdtempSync(join(folder, 'run-'));
  writeFileSync(join(place, 'params.json'), JSON.stringify({ ...params, outdir: join(place, 'out') }));
  const command = [
    join(root, 'packages/cli/helicase.ts'),
    ...['nextflow', 'run', project, '-profile', 'test', '-stub', '-with-trace', 'trace.txt'],
    ...['-params-file', 'params.json'],
  ];
  // Data whose place is put together by the configuration are known only when the run asks for them.
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const done = spawnSync(process.execPath, command, {
      cwd: place,
      encoding: 'utf8',
      timeout: 280_000,
      env: { ...process.env, NXF_OFFLINE: 'true', NXF_VER: '25.10.4' },
      maxBuffer: 2 ** 28,
    });
    if (done.status === 0) return difference(place, files, tasks);
    const missing = [...done.stdout.matchAll(new RegExp(`${data}/[^\\s'",():]+`, 'g'))].map(([path]) => path);
    const made = missing.filter((path) => !existsSync(path) && !path.endsWith('/'));
    if (made.length === 0) return `${done.stdout.split('\n').slice(-40).join('\n     ')}${done.stderr}`;
    for (const path of made) placeholder(path);
    rmSync(join(place, 'out'), { recursive: true, force: true });
  }
  return 'More and more data are missing.';
}

function difference(place: string, files: readonly string[], tasks: number): string | undefined {
  const [header = '', ...rows] = readFileSync(join(place, 'trace.txt'), 'utf8').trim().split('\n');
  const status = header.split('\t').indexOf('status');
  const started = rows.filter((row) =>
    ['COMPLETED', 'CACHED'].includes(row.split('\t')[status] ?? ''),
  ).length;
  const out = join(place, 'out');
  // Older snapshots leave hidden files out.
  const hidden = files.some((name) => isHidden(name));
  const published = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((name) => hidden || !isHidden(name))
    .filter((name) => !/^pipeline_info\/.*\.(html|json|txt)$/.test(name))
    .sort();
  const missing = files.filter((name) => !published.includes(name));
  const more = published.filter(
    (name) => !files.includes(name) && !(statSync(join(out, name)).isDirectory() && files.length === 0),
  );
  const problems = [
    ...(started === tasks ? [] : [`${started} tasks instead of ${tasks}`]),
    ...(missing.length === 0 ? [] : [`not published: ${missing.slice(0, 8).join(', ')} (${missing.length})`]),
    ...(more.length === 0 || files.length === 0
      ? []
      : [`published besides: ${more.slice(0, 8).join(', ')} (${more.length})`]),
  ];
  return problems.length === 0 ? undefined : problems.join('; ');
}

function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.'));
}
