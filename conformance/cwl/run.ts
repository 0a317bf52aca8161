/**
 * Runs a conformance suite of CWL with `helicase cwl run`, judged by the suites' own runner, `cwltest` (from PyPI), and
 * writes the result of each case to `results/`.
 * Usage: npm run conformance:cwl -- PATH [--with-containers IMAGES] [--cwltest PROGRAM] [-s NAME,NAME]
 * PATH is a work tree of common-workflow-language/cwl-v1.2, cwl-v1.1 or common-workflow-language (for v1.0). IMAGES is
 * a folder made by images.ts; then the whole suite runs in a network of its own, in which commonwl.org is this machine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { XMLParser } from 'fast-xml-parser';

const RUNNER = join(import.meta.dirname, '../../packages/cli/bin/cwl-runner');
const SUITES = ['conformance_tests.yaml', 'conformance_test_v1.0.yaml', 'v1.0/conformance_test_v1.0.yaml'];
interface Case {
  readonly name: string;
  readonly tags: string;
  readonly result: 'passed' | 'failed' | 'unsupported';
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    'with-containers': { type: 'string' },
    cwltest: { type: 'string', default: 'cwltest' },
    s: { type: 'string', short: 's' },
    j: { type: 'string', short: 'j', default: '2' },
  },
});
process.exitCode = main(positionals[0]);

function main(path: string | undefined): number {
  if (path === undefined)
    throw new Error('Which suite? npm run conformance:cwl -- PATH [--with-containers IMAGES]');
  const suite = SUITES.map((name) => resolve(path, name)).find(existsSync);
  if (suite === undefined) throw new Error(`${path} has none of ${SUITES.join(', ')}`);
  const cases =
    values.s === undefined ? run(suite) : values.s.split(',').flatMap((name) => only(suite, name));
  const passed = cases.filter(({ result }) => result === 'passed').length;
  for (const { name, result } of cases) if (result !== 'passed') console.log(`${result}: ${name}`);
  console.log(`${passed} of ${cases.length} passed`);
  if (values.s === undefined) record(suite, cases);
  return passed === cases.length ? 0 : 1;
}

/** One at a time: with several, cwltest's report calls them by the names of the suite's first ones. */
function only(suite: string, name: string): Case[] {
  return run(suite, ['-s', name]).map((one) => ({ ...one, name }));
}

function run(suite: string, chosen: readonly string[] = []): Case[] {
  const work = mkdtempSync(join(tmpdir(), 'conformance-cwl-'));
  try {
    const report = join(work, 'junit.xml');
    const images = values['with-containers'];
    const args = [
      ...['--test', suite, '--tool', RUNNER, '-j', values.j, '--junit-xml', report, ...chosen, '--'],
      ...(images === undefined ? ['--no-container'] : ['--images', resolve(images)]),
    ];
    const command =
      images === undefined ? [values.cwltest, ...args] : isolated(work, [values.cwltest, ...args]);
    const { error } = spawnSync(command[0]!, command.slice(1), { stdio: 'inherit' });
    if (error) throw error;
    return readReport(readFileSync(report, 'utf8'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A network with nothing in it but a web server that answers for commonwl.org. */
function isolated(work: string, command: readonly string[]): string[] {
  writeFileSync(join(work, 'hosts'), '127.0.0.1 localhost commonwl.org\n');
  const server =
    "require('node:http').createServer((_, answer) => answer.end('here')).listen(80, '127.0.0.1')";
  const script = [
    'ip link set lo up',
    'mount --bind "$0/hosts" /etc/hosts',
    `"${process.execPath}" -e "${server}" & server=$!`,
    '"$@"',
    'status=$?; kill "$server"; exit "$status"',
  ];
  return ['unshare', '--net', '--mount', 'sh', '-c', script.join('\n'), work, ...command];
}

interface ReportedCase {
  readonly '@name': string;
  readonly '@file'?: string;
  readonly '@class'?: string;
  readonly failure?: unknown;
  readonly skipped?: unknown;
}

function readReport(xml: string): Case[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    isArray: (name) => name === 'testcase',
  });
  const { testsuites } = parser.parse(xml) as {
    readonly testsuites: { readonly testsuite: { readonly testcase: readonly ReportedCase[] } };
  };
  return testsuites.testsuite.testcase.map((one) => {
    const name = one['@file'] ?? one['@name'];
    const result =
      one.failure !== undefined ? 'failed' : one.skipped !== undefined ? 'unsupported' : 'passed';
    return { name, tags: one['@class'] ?? '', result };
  });
}

function record(suite: string, cases: readonly Case[]): void {
  const mode = values['with-containers'] === undefined ? 'sandbox' : 'containers';
  const version = /v1\.\d/.exec(suite)?.[0] ?? 'suite';
  const lines = cases.map(({ name, result, tags }) => `${name}\t${result}\t${tags}`);
  const file = join(import.meta.dirname, 'results', `${version}-${mode}.tsv`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`);
}
