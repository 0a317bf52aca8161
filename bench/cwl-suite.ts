/**
 * The conformance suite of CWL 1.2 without containers, judged by `cwltest`, through `helicase cwl run` and through
 * `cwltool --no-container`, one case at a time, in one run. What counts is the time in the tool, over the cases that both
 * pass. Exits 1 below the target of 10.
 * Usage: cwl-suite.ts PATH [NAME,NAME,...]   (a work tree of cwl-v1.2, and some of its cases instead of all that can pass
 * without an image and the internet; CWLTOOL and CWLTEST name the programs, from PyPI or Debian)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { XMLParser } from 'fast-xml-parser';

const TARGET = 10;
const LEFT_OUT = 'docker_entrypoint,networkaccess';
const [path, names] = process.argv.slice(2);
if (path === undefined) throw new Error('Usage: cwl-suite.ts PATH [NAME,NAME,...]');
const suite = resolve(path, 'conformance_tests.yaml');
const work = mkdtempSync(join(tmpdir(), 'cwl-suite-'));

interface Case {
  readonly seconds: number;
  readonly passed: boolean;
}
type Result = ReadonlyMap<string, Case>;

try {
  const ours = run('helicase', join(import.meta.dirname, '../packages/cli/bin/cwl-runner'));
  const peer = run('cwltool', process.env['CWLTOOL'] ?? 'cwltool');
  const both = [...ours.keys()].filter((name) => ours.get(name)?.passed && peer.get(name)?.passed);
  const ratio = seconds(peer, both) / seconds(ours, both);
  console.log(
    `${both.length} cases that both pass: helicase ${seconds(ours, both).toFixed(0)} s, cwltool ${seconds(peer, both).toFixed(0)} s`,
  );
  console.log(`CWL 1.2 without containers: ${ratio.toFixed(1)} times faster (target: at least ${TARGET})`);
  if (ratio < TARGET) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function seconds(result: Result, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + result.get(name)!.seconds, 0);
}

/** What cwltest says goes to standard error, while it says it. */
function run(name: string, tool: string): Result {
  const report = join(work, `${name}.xml`);
  const chosen = names === undefined ? ['-S', LEFT_OUT] : ['-s', names];
  const args = ['--test', suite, '--tool', tool, '-j', '1', '--junit-xml', report, ...chosen];
  const { error } = spawnSync(process.env['CWLTEST'] ?? 'cwltest', [...args, '--', '--no-container'], {
    stdio: ['ignore', 2, 2],
  });
  if (error) throw error;
  const cases = readCases(readFileSync(report, 'utf8'));
  const failed = [...cases].filter(([, { passed }]) => !passed).map(([one]) => one);
  console.log(
    `${name}: ${cases.size - failed.length} of ${cases.size} passed; not ${failed.join(', ') || 'any'}`,
  );
  return cases;
}

function readCases(xml: string): Result {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    isArray: (name) => name === 'testcase',
  });
  const { testsuites } = parser.parse(xml) as {
    readonly testsuites: { readonly testsuite: { readonly testcase: readonly Reported[] } };
  };
  return new Map(
    testsuites.testsuite.testcase.map((one) => [
      one['@file'] ?? one['@name'],
      { seconds: Number(one['@time']), passed: one.failure === undefined && one.skipped === undefined },
    ]),
  );
}

interface Reported {
  readonly '@name': string;
  readonly '@file'?: string;
  readonly '@time': string;
  readonly failure?: unknown;
  readonly skipped?: unknown;
}
