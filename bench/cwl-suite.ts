/**
 * The conformance suite of CWL 1.2 without containers, driven and judged by `cwltest`, through `cwltool --no-container`
 * and through `helicase cwl run`, as plain processes like the peer's and in the sandbox, one after the other in one run,
 * and again for each number of cases at once. Some cases of the suite only wait, for a sleeping program or for its time
 * limit, in every tool alike: they take a fixed time where cases follow each other, and none where many run at once.
 *
 * For each tool: the time of the whole; that without what `cwltest` itself takes, which is measured with a tool that does
 * nothing; and the sum of the tool's own times over the cases that both pass, with and without those that wait. Exits 1
 * where the whole of the last number, without cwltest's own time and without a sandbox, is less than 10 times shorter
 * than the peer's.
 * Usage: cwl-suite.ts PATH [-j N,N] [-s NAME,NAME,...]   (a work tree of cwl-v1.2; cases at once, 2 and 8 unless told;
 * some cases instead of all that can pass without an image and the internet. CWLTOOL and CWLTEST name the programs)
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
/** Tag of the cases that wait. */
const WAITS = 'timelimit';
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { j: { type: 'string', short: 'j', default: '2,8' }, s: { type: 'string', short: 's' } },
});
const [path] = positionals;
if (path === undefined) throw new Error('Usage: cwl-suite.ts PATH [-j N,N] [-s NAME,NAME,...]');
const suite = resolve(path, 'conformance_tests.yaml');
const work = mkdtempSync(join(tmpdir(), 'cwl-suite-'));

interface Case {
  readonly seconds: number;
  readonly passed: boolean;
  readonly waits: boolean;
}
interface Result {
  readonly name: string;
  readonly seconds: number;
  readonly cases: ReadonlyMap<string, Case>;
}

try {
  for (const atOnce of values.j.split(',')) {
    const ratio = compareAll(atOnce);
    process.exitCode = ratio < TARGET ? 1 : 0;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** How many times shorter the whole is without a sandbox, cwltest's own time taken off. */
function compareAll(atOnce: string): number {
  const nothing = run(atOnce, 'a tool that does nothing', '/bin/true');
  const peer = run(atOnce, 'cwltool', process.env['CWLTOOL'] ?? 'cwltool', '--no-container');
  const plain = run(atOnce, 'helicase without a sandbox', CWL_RUNNER, '--no-sandbox');
  const sandboxed = run(atOnce, 'helicase in the sandbox', CWL_RUNNER, '--no-container');
  console.log(`\n${atOnce} cases at once; cwltest itself ${nothing.seconds.toFixed(1)} s`);
  for (const one of [peer, plain, sandboxed]) tell(one);
  const [ratio] = [plain, sandboxed].map((own) => compare(own, peer, nothing.seconds));
  return ratio!;
}

function tell({ cases, name, seconds }: Result): void {
  const failed = [...cases].filter(([, { passed }]) => !passed).map(([one]) => one);
  const waiting = [...cases.values()].filter(({ waits }) => waits);
  console.log(
    `${name}: ${cases.size - failed.length} of ${cases.size} passed in ${seconds.toFixed(1)} s ` +
      `(${sum(waiting).toFixed(1)} s of them, not one after the other, in ${waiting.length} cases that wait); ` +
      `not ${failed.join(', ') || 'any'}`,
  );
}

/** Answers the ratio of the wholes without cwltest's own time. */
function compare(own: Result, peer: Result, driver: number): number {
  const both = [...own.cases.keys()].filter(
    (name) => own.cases.get(name)?.passed && peer.cases.get(name)?.passed,
  );
  const inTool = ({ cases }: Result, waiting: boolean) =>
    sum(both.map((name) => cases.get(name)!).filter(({ waits }) => waiting || !waits));
  const ratio = (peer.seconds - driver) / (own.seconds - driver);
  const times = (waiting: boolean) => (inTool(peer, waiting) / inTool(own, waiting)).toFixed(1);
  console.log(
    `${own.name}: the whole ${(peer.seconds / own.seconds).toFixed(1)} times faster, ${ratio.toFixed(1)} without ` +
      `cwltest's own time (target: at least ${TARGET}); the tool's times over ${both.length} cases that both pass: ` +
      `${inTool(own, true).toFixed(1)} s, cwltool ${inTool(peer, true).toFixed(1)} s, ${times(true)} times faster, ` +
      `${times(false)} without the cases that wait`,
  );
  return ratio;
}

function sum(cases: readonly Case[]): number {
  return cases.reduce((all, { seconds }) => all + seconds, 0);
}

/** What cwltest says goes to standard error, while it says it. */
function run(atOnce: string, name: string, tool: string, ...flags: readonly string[]): Result {
  const report = join(work, 'report.xml');
  const chosen = values.s === undefined ? ['-S', LEFT_OUT] : ['-s', values.s];
  const args = [
    '--test',
    suite,
    '--tool',
    tool,
    '-j',
    atOnce,
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
      {
        seconds: Number(one['@time']),
        passed: one.failure === undefined && one.skipped === undefined,
        waits: (one['@class'] ?? '').includes(WAITS),
      },
    ]),
  );
}

interface Reported {
  readonly '@name': string;
  readonly '@file'?: string;
  readonly '@time': string;
  /** Its tags. */
  readonly '@class'?: string;
  readonly failure?: unknown;
  readonly skipped?: unknown;
}
