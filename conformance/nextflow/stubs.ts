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
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SHEETS } from './sheets.ts';

/**
 * An nf-core pipeline's own tests as stub runs, held against its snapshots: how many tasks started, and which files were
 * published. A pipeline whose tests run real tools runs them as stubs too; its snapshots then say how many tasks, and of
 * which processes (by their versions), and the names of files are told but not judged: stubs make others than tools do.
 * node conformance/nextflow/stubs.ts PIPELINE [NAME...]
 * PIPELINE is a checkout; NAME is that of a test file, `default` where none is named.
 *
 * What is not real: test data are empty files of their names, and tools that are not on this machine are stand-ins
 * that say "version 1.0.0", since `eval` outputs call the real ones even in a stub run.
 */
const [given, ...names] = process.argv.slice(2);
if (given === undefined) {
  console.error('Give the path of a checkout of an nf-core pipeline.');
  process.exit(2);
}
const DATA_URL =
  /https:\/\/(?:raw\.githubusercontent\.com\/nf-core\/test-datasets|github\.com\/nf-core\/test-datasets\/raw)\//g;
/**
 * Stubs that do not lead where the snapshots were taken: methylseq's asks a list for the name of a file, which Nextflow
 * refuses too; taxprofiler's leaves a report empty, and its workflow passes over samples whose report is.
 */
const MENDS: readonly (readonly [file: string, written: string, mended: string])[] = [
  ['modules/nf-core/bismark/summary/main.nf', '"${bam.baseName()}"', '"bismark_summary"'],
  ['modules/nf-core/sylph/profile/main.nf', 'touch ${prefix}.tsv', 'echo report > ${prefix}.tsv'],
];
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
  readonly profile: string;
  readonly config: readonly string[];
  readonly params: Readonly<Record<string, unknown>>;
  /** Undefined where the snapshot says nothing of it. */
  readonly tasks: number | undefined;
  /** By their own names, those that tell of versions; undefined for a test of stubs, whose files say it all. */
  readonly processes: readonly string[] | undefined;
  readonly files: readonly string[];
}

/** A copy of the pipeline whose test data are local, and whose missing tools have stand-ins. */
function prepare(): void {
  cpSync(pipeline, project, { recursive: true, filter: (path) => basename(path) !== '.git' });
  for (const file of globSync(['**/*.config', '**/*.csv', '**/*.yml'], { cwd: project })) {
    const path = join(project, file);
    const text = readFileSync(path, 'utf8');
    const local = text.replace(DATA_URL, `${data}/`);
    if (local !== text) writeFileSync(path, local);
  }
  for (const file of globSync(['**/*.config', '**/*.csv'], { cwd: project }))
    for (const [path] of readFileSync(join(project, file), 'utf8').matchAll(
      new RegExp(`${data}/[^\\s'",]+\\.\\w+`, 'g'),
    ))
      placeholder(path);
  for (const [file, written, mended] of MENDS) {
    const path = join(project, file);
    if (existsSync(path))
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(written, () => mended),
      );
  }
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
  const sheet = SHEETS.find(([name]) => path.endsWith(`/${name}`))?.[1];
  const text = sheet?.map((line) => line.replaceAll('DATA', data)).join('\n') ?? '';
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(text) : text);
  for (const [other] of text.matchAll(new RegExp(`${data}/[^\\s'",]+`, 'g'))) placeholder(other);
}

interface Snapshot {
  readonly content: readonly unknown[] | null;
}

/** The tests of a file that run stubs, or all where it has none such, with what their snapshots say. */
function stubTests(name: string): StubTest[] {
  const text = readFileSync(join(pipeline, 'tests', `${name}.nf.test`), 'utf8');
  const snapshots = JSON.parse(
    readFileSync(join(pipeline, 'tests', `${name}.nf.test.snap`), 'utf8'),
  ) as Readonly<Record<string, Snapshot>>;
  const titles = Object.keys(snapshots).filter((title) => text.includes(`"${title}"`));
  const ofStubs = titles.filter((title) => /stub/i.test(title));
  const ofTests = titles.filter((title) => !isPart(text, title));
  const beside = snapshots['all_files']?.content ?? [];
  return (ofStubs.length > 0 ? ofStubs : ofTests).map((title) => {
    const content = snapshots[title]?.content ?? [];
    const [tasks] = content;
    return {
      title,
      profile: /^\s*profile "([\w,]+)"/m.exec(text)?.[1] ?? 'test',
      config: /^\s*config "\.\/(.+)"/m.exec(text)?.slice(1) ?? [],
      params: paramsOf(text, title),
      tasks: typeof tasks === 'number' ? tasks : undefined,
      processes: ofStubs.length > 0 ? undefined : processesIn(content),
      files: [...content, ...beside].find((part): part is string[] => Array.isArray(part)) ?? [],
    };
  });
}

/** Whether a snapshot is of one part of a test. */
function isPart(text: string, title: string): boolean {
  return text.includes(`match("${title}")`);
}

/** The names of the processes whose versions a snapshot has. */
function processesIn(content: readonly unknown[]): string[] | undefined {
  const versions = content.find((part) => typeof part === 'object' && part !== null && 'Workflow' in part);
  return versions && Object.keys(versions).filter((name) => name !== 'Workflow');
}

/** `name = "value"` in the `params` block of a test in the older form, `params: [name: value]` in the newer. */
function paramsOf(text: string, title: string): Record<string, unknown> {
  const start = text.indexOf(`"${title}"`);
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
  const text = written
    .replace(/^modules_testdata_base_path\s*\+\s*["']\/?/, `${data}/modules/data/`)
    .replace(/^["']|["']$/g, '')
    .replaceAll(/\$\{?projectDir\}?/g, project)
    .replaceAll(DATA_URL, `${data}/`);
  const inProject = join(project, text);
  return text.includes('/') && existsSync(inProject) ? inProject : text;
}

function run(test: StubTest): string | undefined {
  const { config, params, profile } = test;
  const place = mkdtempSync(join(folder, 'run-'));
  writeFileSync(join(place, 'params.json'), JSON.stringify({ ...params, outdir: join(place, 'out') }));
  const command = [
    join(root, 'packages/cli/helicase.ts'),
    ...['nextflow', 'run', project, '-profile', profile, '-stub', '-with-trace', 'trace.txt'],
    ...config.flatMap((name) => ['-c', join(project, 'tests', name)]),
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
    if (done.status === 0) return difference(place, test);
    const missing = [...done.stdout.matchAll(new RegExp(`${data}/[^\\s'",():]+`, 'g'))].map(([path]) => path);
    const made = missing.filter((path) => !existsSync(path) && !path.endsWith('/'));
    if (made.length === 0) return `${done.stdout.split('\n').slice(-40).join('\n     ')}${done.stderr}`;
    for (const path of made) placeholder(path);
    // What the attempt left: reports that are there already are not overwritten.
    for (const name of ['out', 'trace.txt']) rmSync(join(place, name), { recursive: true, force: true });
  }
  return 'More and more data are missing.';
}

function difference(place: string, { files, processes, tasks }: StubTest): string | undefined {
  const started = completed(place);
  const { missing, more } = publishedOtherwise(join(place, 'out'), files);
  const told = [
    ...(missing.length === 0 ? [] : [`not published: ${missing.slice(0, 8).join(', ')} (${missing.length})`]),
    ...(more.length === 0 ? [] : [`published besides: ${more.slice(0, 8).join(', ')} (${more.length})`]),
  ];
  const wrong = [
    ...(tasks === undefined || started === tasks ? [] : [`${started} tasks instead of ${tasks}`]),
    ...(processes === undefined ? told : otherProcesses(join(place, 'out'), processes)),
  ];
  if (processes !== undefined)
    console.log(
      [`     ${started} tasks of ${processes.length} processes with versions`, ...told].join('\n     '),
    );
  return wrong.length === 0 ? undefined : wrong.join('; ');
}

/** How many tasks a run's trace says to have ended well. */
function completed(place: string): number {
  const [header = '', ...rows] = readFileSync(join(place, 'trace.txt'), 'utf8').trim().split('\n');
  const status = header.split('\t').indexOf('status');
  return rows.filter((row) => ['COMPLETED', 'CACHED'].includes(row.split('\t')[status] ?? '')).length;
}

function otherProcesses(out: string, expected: readonly string[]): string[] {
  const [path] = globSync('pipeline_info/*_versions.yml', { cwd: out });
  const text = path === undefined ? '' : readFileSync(join(out, path), 'utf8');
  const found = new Set([...text.matchAll(/^(\w+):/gm)].map(([, name]) => name!));
  found.delete('Workflow');
  const missing = expected.filter((name) => !found.delete(name));
  return [
    ...(missing.length === 0 ? [] : [`no versions of ${missing.join(', ')}`]),
    ...(found.size === 0 ? [] : [`versions of ${[...found].join(', ')} besides`]),
  ];
}

function publishedOtherwise(out: string, files: readonly string[]): { missing: string[]; more: string[] } {
  if (files.length === 0) return { missing: [], more: [] };
  // Older snapshots leave hidden files out.
  const hidden = files.some((name) => isHidden(name));
  const published = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((name) => hidden || !isHidden(name))
    .filter((name) => !/^pipeline_info\/.*\.(html|json|txt)$/.test(name))
    .sort();
  return {
    missing: files.filter((name) => !published.includes(name)),
    more: published.filter((name) => !files.includes(name)),
  };
}

function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.'));
}
