/**
 * The conformance suite of CWL 1.2 without containers, driven and judged by `cwltest`, through `cwltool --no-container`
 * and through `helicase cwl run`, as plain processes like the peer's and in the sandbox, one after the other in one run,
 * and again for each number of cases at once.
 *
 * Nine cases of the suite wait, for a sleeping program or for a time limit, one of them for 24 seconds: in every tool
 * alike, and a tenth of the peer's whole time. So each tool takes the whole once, and once more without these cases.
 * Told are both ratios, as timed and without what `cwltest` itself takes, which is measured with a tool that does
 * nothing, and that of the tools' own times over the cases that both pass. Exits 1 where the whole of the last number,
 * without cwltest's own time and without a sandbox, is less than 10 times shorter than the peer's.
 * Usage: cwl-suite.ts PATH [-j N,N] [-s NAME,NAME,...]   (a work tree of cwl-v1.2; cases at once, 8 unless told; some
 * cases instead of all that can pass without an image and the internet. CWLTOOL and CWLTEST name the programs)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { XMLParser } from 'fast-xml-parser';
import { CWL_RUNNER, type Runner } from './cwl-peer.ts';

const TARGET = 10;
const LEFT_OUT = ['docker_entrypoint', 'networkaccess'];
/** Tag of the cases that wait. */
const WAITS = 'timelimit';
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { j: { type: 'string', short: 'j', default: '8' }, s: { type: 'string', short: 's' } },
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
  const nothing = run(atOnce, { name: 'a tool that does nothing', command: ['/bin/true'] });
  const waiting = [...nothing.cases].filter(([, { waits }]) => waits).map(([name]) => name);
  const peer = { name: 'cwltool', command: [process.env['CWLTOOL'] ?? 'cwltool', '--no-container'] };
  const plain = { name: 'helicase without a sandbox', command: [CWL_RUNNER, '--no-sandbox'] };
  const sandboxed = { name: 'helicase in the sandbox', command: [CWL_RUNNER, '--no-container'] };
  const compared = (title: string, leftOut: readonly string[]) => {
    console.log(`\n${title}, ${atOnce} cases at once; cwltest itself ${nothing.seconds.toFixed(1)} s`);
    const theirs = told(run(atOnce, peer, leftOut));
    const [ratio] = [plain, sandboxed].map((own) =>
      compare(told(run(atOnce, own, leftOut)), theirs, nothing.seconds),
    );
    return ratio!;
  };
  const ratio = compared('the whole suite', []);
  compared(`without ${waiting.length} cases that wait`, waiting);
  return ratio;
}

function told(result: Result): Result {
  const { cases, name, seconds } = result;
  const failed = [...cases].filter(([, { passed }]) => !passed).map(([one]) => one);
  const passed = cases.size - failed.length;
  console.log(
    `${name}: ${passed} of ${cases.size} passed in ${seconds.toFixed(1)} s; not ${failed.join(', ') || 'any'}`,
  );
  return result;
}

/** Answers the ratio without cwltest's own time. */
function compare(own: Result, peer: Result, driver: number): number {
  const both = [...own.cases.keys()].filter(
    (name) => own.cases.get(name)?.passed && peer.cases.get(name)?.passed,
  );
  const inTool = ({ cases }: Result) => both.reduce((all, name) => all + cases.get(name)!.seconds, 0);
  const ratio = (peer.seconds - driver) / (own.seconds - driver);
  console.log(
    `${own.name}: ${(peer.seconds / own.seconds).toFixed(1)} times faster, ${ratio.toFixed(1)} without ` +
      `cwltest's own time (target: at least ${TARGET}); by the tools' times over ${both.length} cases that both pass ` +
      `${(inTool(peer) / inTool(own)).toFixed(1)} times`,
  );
  return ratio;
}

/** What cwltest says goes to standard error, while it says it. */
function run(atOnce: string, { name, command }: Runner, leftOut: readonly string[] = []): Result {
  const report = join(work, 'report.xml');
  const [tool, ...flags] = command as [string, ...string[]];
  const all = [...LEFT_OUT, ...leftOut];
  // cwltest takes names to run or names to leave out, not both.
  const some = values.s?.split(',').filter((one) => !all.includes(one));
  const chosen = some === undefined ? ['-S', all.join(',')] : ['-s', some.join(',')];
  const args = ['--test', suite, '--tool', tool, '-j', atOnce, '--junit-xml', report];
  const begun = performance.now();
  const { error } = spawnSync(process.env['CWLTEST'] ?? 'cwltest', [...args, ...chosen, '--', ...flags], {
    stdio: ['ignore', 2, 2],
  });
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
