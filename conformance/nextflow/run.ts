import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/**
 * Nextflow's own golden files and checks, against `helicase nextflow`.
 * node_modules/.bin/node conformance/nextflow/run.ts PATH [snippets|tests] [NAME...]
 * PATH is a checkout of nextflow-io/nextflow.
 */
const [path, suite, ...names] = process.argv.slice(2);
if (path === undefined) {
  console.error('Give the path of a checkout of nextflow-io/nextflow.');
  process.exit(2);
}
const root = resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'nextflow-conformance-'));
const command = launcher(folder);
const failed = [...(suite === 'tests' ? [] : snippets(path)), ...(suite === 'snippets' ? [] : checks(path))];
if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
else console.log(folder);
process.exitCode = failed.length === 0 ? 0 : 1;

/** A program that stands for `nextflow`. */
function launcher(place: string): string {
  const file = join(place, 'nextflow');
  writeFileSync(
    file,
    `#!/bin/sh\nexec '${join(root, 'node_modules/.bin/node')}' '${join(root, 'packages/cli/helicase.ts')}' nextflow "$@"\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

function wanted(file: string): boolean {
  return names.length === 0 || names.includes(basename(file)) || names.includes(basename(file, '.nf'));
}

/** docs/snippets: what a script prints, whatever the order of its lines. */
function snippets(checkout: string): string[] {
  const place = join(folder, 'snippets');
  cpSync(join(checkout, 'docs/snippets'), place, { recursive: true });
  const cases = globSync('*.out', { cwd: place })
    .map((file) => basename(file, '.out'))
    .filter(wanted)
    .sort();
  return report('docs/snippets', cases, (name) => {
    const done = spawnSync(command, ['-q', 'run', `${name}.nf`], {
      cwd: place,
      encoding: 'utf8',
      timeout: 120_000,
    });
    const sorted = (text: string) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .sort()
        .join('\n');
    const expected = readFileSync(join(place, `${name}.out`), 'utf8');
    return sorted(done.stdout) === sorted(expected) ? undefined : `${done.stdout}${done.stderr}`;
  });
}

/** tests/*.nf with their checks. Those of .IGNORE-DOCKER need containers. */
function checks(checkout: string): string[] {
  const place = join(folder, 'tests');
  cpSync(join(checkout, 'tests'), place, { recursive: true });
  const ignored = ['.IGNORE', '.IGNORE-DOCKER'].flatMap((file) =>
    existsSync(join(place, 'checks', file))
      ? readFileSync(join(place, 'checks', file), 'utf8').split('\n')
      : [],
  );
  const cases = globSync('checks/*.nf', { cwd: place })
    .map((file) => basename(file))
    .filter((name) => existsSync(join(place, name)) && !ignored.includes(name))
    .filter(wanted)
    .sort();
  return report('tests', cases, (name) => {
    const at = join(place, 'checks', name);
    mkdirSync(at, { recursive: true });
    const script = existsSync(join(at, '.checks')) ? ['-ex', '.checks'] : ['-ec', '$NXF_RUN'];
    const environment = {
      ...process.env,
      NXF_CMD: command,
      NXF_SCRIPT: `../../${name}`,
      NXF_RUN: `${command} -q run ../../${name}`,
      NXF_WORK: join(place, 'checks', 'scratch'),
      NXF_ANSI_LOG: 'false',
      WITH_DOCKER: '',
      NXF_SYNTAX_PARSER: 'v2',
      TEST_JDK: '21',
    };
    const done = spawnSync('bash', script, { cwd: at, encoding: 'utf8', timeout: 300_000, env: environment });
    return done.status === 0 ? undefined : `${done.stdout}${done.stderr}`;
  });
}

function report(
  title: string,
  cases: readonly string[],
  run: (name: string) => string | undefined,
): string[] {
  const bad: string[] = [];
  for (const name of cases) {
    const problem = run(name);
    if (problem === undefined) continue;
    bad.push(name);
    console.log(
      `FAIL ${title}/${name}\n${problem
        .split('\n')
        .slice(-Number(process.env['LINES'] ?? 14))
        .join('\n')
        .replace(/^/gm, '    ')}`,
    );
  }
  console.log(
    `${title}: ${cases.length - bad.length} of ${cases.length}${bad.length > 0 ? `; not: ${bad.join(' ')}` : ''}`,
  );
  return bad;
}
