/**
 * The conformance suite of CWL 1.2 without containers, driven and judged by `cwltest`, through `cwltool --no-container`
 * and through `helicase cwl run`, as plain processes like the peer's and in the sandbox, one after the other in one run.
 * Prints for each how long the whole took and how long the tool, over the cases that both pass; what cwltest itself takes
 * is measured with a tool that does nothing. Exits 1 where the tool's time without the sandbox is less than 10 times
 * shorter than the peer's.
 * Usage: cwl-suite.ts PATH [-j N] [-s NAME,NAME,...]   (a work tree of cwl-v1.2; cases at once, 1 unless told; some cases
 * instead of all that can pass without an image and the internet. CWLTOOL and CWLTEST name the programs)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { XMLParser } from 'fast-xml-parser';
import { CWL_RUNNER } from './cwl-peer.ts';

const TARGET = 10;
const LEFT_OUT = 'docker_entrypoint,networkaccess';
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { j: { type: 'string', short: 'j', default: '1' }, s: { type: 'string', short: 's' } },
});
const [path] = positionals;
if (path === undefined) throw new Error('Usage: cwl-suite.ts PATH [-j N] [-s NAME,NAME,...]');
const suite = resolve(path, 'conformance_tests.yaml');
const work = mkdtempSync(join(tmpdir(), 'cwl-suite-'));

interface Case {
  readonly seconds: number;
  readonly passed: boolean;
}
interface Result {
  readonly name: string;
  readonly seconds: number;
  readonly cases: ReadonlyMap<string, Case>;
}

try {
  const nothing = run('a tool that does nothing', '/bin/true');
  const peer = run('cwltool', process.env['CWLTOOL'] ?? 'cwltool', '--no-container');
  const plain = run('helicase without a sandbox', CWL_RUNNER, '--no-sandbox');
  const sandboxed = run('helicase in the sandbox', CWL_RUNNER, '--no-container');
  console.log(`cwltest itself, ${values.j} at once: ${nothing.seconds.toFixed(1)} s`);
  for (const one of [peer, plain, sandboxed]) tell(one);
  const ratios = [plain, sandboxed].map((own) => compare(own, peer));
  if (ratios[0]! < TARGET) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function tell({ cases, name, seconds }: Result): void {
  const failed = [...cases].filter(([, { passed }]) => !passed).map(([one]) => one);
  console.log(
    `${name}: ${cases.size - failed.length} of ${cases.size} passed in ${seconds.toFixed(1)} s; not ${failed.join(', ') || 'any'}`,
  );
}

/** How many times less the tool takes, over the cases that both pass. */
function compare(own: Result, peer: Result): number {
  const both = [...own.cases.keys()].filter(
    (name) => own.cases.get(name)?.passed && peer.cases.get(name)?.passed,
  );
  const [ours, theirs] = [inTool(own, both), inTool(peer, both)];
  const ratio = theirs / ours;
  console.log(
    `${own.name}, ${both.length} cases that both pass: ${ours.toFixed(1)} s in the tool, cwltool ${theirs.toFixed(1)} s: ` +
      `${ratio.toFixed(1)} times faster (target: at least ${TARGET}); with cwltest's own time ${(peer.seconds / own.seconds).toFixed(1)} times`,
  );
  return ratio;
}

function inTool({ cases }: Result, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + cases.get(name)!.seconds, 0);
}

/** What cwltest says goes to standard error, while it says it. */
function run(name: string, tool: string, ...flags: readonly string[]): Result {
  const report = join(work, 'report.xml');
  const chosen = values.s === undefined ? ['-S', LEFT_OUT] : ['-s', values.s];
  const args = [
    '--test',
    suite,
    '--tool',
    tool,
    '-j',
    values.j,
    '--junit-xml',
    report,
    ...chosen,
    '--',
    ...flags,
  ];
  const begun = performance.now();
  const { error } = spawnSync(process.env['CWLTEST'] ?? 'cwltest', args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  const seconds = (performance.now() - begun) / 1000;
  return { name, seconds, cases: readCases(readFileSync(report, 'utf8')) };
}

function readCases(xml: string): Map<string, Case> {
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
