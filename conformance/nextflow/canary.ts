import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/**
 * seqeralabs/nf-canary by its own nf-test files, fusion and GPU aside: the four runs of the pipeline with their numbers
 * of tasks and their published files, and each process alone with its outputs.
 * node conformance/nextflow/canary.ts PATH
 */
const [given] = process.argv.slice(2);
if (given === undefined) {
  console.error('Give the path of a checkout of seqeralabs/nf-canary.');
  process.exit(2);
}
const root = resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'nextflow-canary-'));
const project = join(folder, 'nf-canary');
cpSync(resolve(given), project, { recursive: true, filter: (path) => basename(path) !== '.git' });

interface Snapshot {
  readonly content: readonly unknown[];
}
interface Test {
  readonly title: string;
  readonly body: string;
  readonly snapshot: Snapshot | undefined;
}

const problems = [
  ...tests('main.nf.test').map((test) => [test.title, pipelineProblem(test)] as const),
  ...globSync('main.test_*.test', { cwd: join(project, 'tests') })
    .filter((name) => !name.includes('fusion'))
    .sort()
    .flatMap((name) => tests(name).map((test) => [test.title, processProblem(name, test)] as const)),
];
for (const [title, problem] of problems)
  console.log(problem === undefined ? `ok   ${title}` : `FAIL ${title}\n     ${problem}`);
const bad = problems.filter(([, problem]) => problem !== undefined).length;
console.log(`nf-canary: ${problems.length - bad} of ${problems.length}`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = bad === 0 ? 0 : 1;

function tests(file: string): Test[] {
  const text = readFileSync(join(project, 'tests', file), 'utf8');
  const path = join(project, 'tests', `${file}.snap`);
  const snapshots = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, Snapshot>>)
    : {};
  const parts = text.split(/\btest\("/).slice(1);
  return parts.map((part) => {
    const title = part.slice(0, part.indexOf('"'));
    // Some snapshots are still under the name that their test had before.
    return { title, body: part, snapshot: snapshots[title] ?? Object.values(snapshots)[0] };
  });
}

function run(args: readonly string[], place: string) {
  const command = [join(root, 'packages/cli/helicase.ts'), 'nextflow', 'run', ...args];
  return spawnSync(process.execPath, command, { cwd: place, encoding: 'utf8', timeout: 120_000 });
}

function statuses(place: string): string[] {
  const [header = '', ...rows] = readFileSync(join(place, 'trace.txt'), 'utf8').trim().split('\n');
  const column = header.split('\t').indexOf('status');
  return rows.map((row) => row.split('\t')[column] ?? '');
}

function pipelineProblem({ body, snapshot }: Test): string | undefined {
  const place = mkdtempSync(join(folder, 'run-'));
  const block = /params\s*\{([^}]*(?:\{[^}]*\}[^}]*)*?)\n\s*\}/.exec(body)![1]!;
  const params = [...block.matchAll(/(\w+)\s*=\s*"(.*)"/g)].flatMap(([, name, value]) => [
    `--${name}`,
    value!.replace('${baseDir}', project).replace('${launchDir}', place),
  ]);
  const done = run([join(project, 'main.nf'), ...params, '-with-trace', 'trace.txt'], place);
  if (done.status !== 0) return done.stdout + done.stderr;
  const found = statuses(place);
  for (const [, what, count] of body.matchAll(/trace\.(\w+)\(\)\.size\(\)\s*==\s*(\d+)/g)) {
    const of =
      what === 'tasks' ? found : found.filter((one) => one === (what === 'failed' ? 'FAILED' : 'COMPLETED'));
    if (of.length !== Number(count)) return `${of.length} tasks ${what} instead of ${count}`;
  }
  return difference(folderListing(join(place, 'output')), snapshot?.content ?? []);
}

function processProblem(file: string, { body, snapshot }: Test): string | undefined {
  const place = mkdtempSync(join(folder, 'process-'));
  const name = /process "(\w+)"/.exec(readFileSync(join(project, 'tests', file), 'utf8'))![1]!;
  const block = /process\s*\{\s*"""([\s\S]*?)"""/.exec(body)![1]!;
  const arity = [...block.matchAll(/input\[(\d+)\]/g)].length;
  const inputs = Array.from({ length: arity }, (_, index) => `input[${index}]`).join(', ');
  const [content] = (snapshot?.content ?? []) as [Readonly<Record<string, unknown>>?];
  const expected = ((content?.['out'] ?? content) as Readonly<Record<string, unknown[]>> | undefined)?.['0'];
  const json = 'groovy.json.JsonOutput.toJson(v.toString())';
  const outputs = expected ? [`${name}.out[0].view { v -> "output:" + ${json} }`] : [];
  const lines = [`include { ${name} } from './main.nf'`, 'workflow {', '  def input = [:]', block];
  // In the project, whose bin folder it then has.
  const script = join(project, 'one.nf');
  writeFileSync(script, [...lines, `  ${name}(${inputs})`, ...outputs, '}', ''].join('\n'));
  const data = join(project, 'tests/testfile.txt');
  const done = run([script, '--remoteFile', data, '-with-trace', 'trace.txt'], place);
  if (done.status !== 0) return done.stdout + done.stderr;
  const failed = statuses(place).filter((status) => status === 'FAILED').length;
  if (failed !== (name === 'TEST_IGNORED_FAIL' ? 1 : 0)) return `${failed} tasks failed`;
  if (!expected) return undefined;
  const values = [...done.stdout.matchAll(/^output:(.*)$/gm)].map(
    ([, value]) => JSON.parse(value!) as string,
  );
  return difference(values.map(valueListing), expected);
}

/** nf-test's view of a value: a file with its digest, a folder as a list of them, a text as it is. */
function valueListing(value: string): unknown {
  if (!value.startsWith('/')) return value;
  return existsSync(value) && readable(value) ? fileListing(value) : folderListing(value);
}

function readable(path: string): boolean {
  return spawnSync('test', ['-f', path]).status === 0;
}

function fileListing(path: string): string {
  return `${basename(path)}:md5,${createHash('md5').update(readFileSync(path)).digest('hex')}`;
}

function folderListing(path: string): unknown[] {
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .sort()
    .map((name) => valueListing(join(path, name)));
}

function difference(found: readonly unknown[], expected: readonly unknown[]): string | undefined {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
  return is === should ? undefined : `${is} instead of ${should}`;
}
