/**
 * The conformance suite of CWL 1.2 without containers, driven and judged by `cwltest`, through `cwltool --no-container`
 * and through `helicase cwl run`, as plain processes like the peer's and in the sandbox, one after the other in one run,
 * and again for each number of cases at once.
 *
 * Nine cases of the suite wait, for a sleeping program or for a time limit, one of them for 24 seconds: in every tool
 * alike. In the suite's own order that one is begun when half of the others are over, and then it alone is waited for.
 * So all tools take the suite three times: the whole with those that wait begun first, the whole in the suite's own
 * order, and all but those that wait (`--orders waiting-first` for the first alone).
 * Told are both ratios, as timed and without what `cwltest` itself takes, which is measured with a tool that does
 * nothing, and that of the tools' own times over the cases that both pass. Exits 1 where the whole in one of its orders, of
 * the last number, without cwltest's own time and without a sandbox, is less than 10 times shorter than the peer's.
 * Usage: cwl-suite.ts PATH [-j N,N] [-s NAME,NAME,...] [--orders ORDER,...]   (a work tree of cwl-v1.2; cases at once, 8
 * unless told; some cases instead of all that can pass without an image and the internet; of waiting-first, own and
 * without-waiting. CWLTOOL and CWLTEST name the programs)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { XMLParser } from 'fast-xml-parser';
import { CWL_RUNNER, type Runner } from './cwl-peer.ts';

const CWLTEST = process.env['CWLTEST'] ?? 'cwltest';
const TARGET = 10;
const LEFT_OUT = ['docker_entrypoint', 'networkaccess'];
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    j: { type: 'string', short: 'j', default: '8' },
    s: { type: 'string', short: 's' },
    orders: { type: 'string', default: 'waiting-first,own,without-waiting' },
  },
});
const [path] = positionals;
if (path === undefined)
  throw new Error('Usage: cwl-suite.ts PATH [-j N,N] [-s NAME,NAME,...] [--orders ORDER,...]');
const suite = resolve(path, 'conformance_tests.yaml');
const work = mkdtempSync(join(tmpdir(), 'cwl-suite-'));

/** One case of the suite: its number in it, as `cwltest -n` takes it, and its name. */
interface Case {
  readonly number: number;
  readonly name: string;
}
interface Outcome {
  readonly seconds: number;
  readonly passed: boolean;
}
interface Result {
  readonly name: string;
  readonly seconds: number;
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

/** All cases that can pass here, and those of them that wait. */
const all = wanted(listed());
const names = (tag: string) => new Set(listed(tag).map(({ name }) => name));
const [waits, workflows] = [names('timelimit'), names('workflow')];
/** Workflows before tools, which wait but once. */
const waiting = all
  .filter(({ name }) => waits.has(name))
  .toSorted((a, b) => Number(workflows.has(b.name)) - Number(workflows.has(a.name)));
const others = all.filter(({ name }) => !waits.has(name));

/** Which cases, and in which order they are begun. */
const ORDERS = {
  'waiting-first': {
    title: 'the whole suite, begun with the cases that wait',
    cases: [...waiting, ...others],
    isWhole: true,
  },
  own: { title: 'the whole suite in its own order', cases: all, isWhole: true },
  'without-waiting': { title: 'without the cases that wait', cases: others, isWhole: false },
} as const;
type Order = keyof typeof ORDERS;
const orders = values.orders.split(',');
const unknown = orders.find((order) => !(order in ORDERS));
if (unknown !== undefined) throw new Error(`${unknown} is none of ${Object.keys(ORDERS).join(', ')}`);

try {
  for (const atOnce of values.j.split(',')) {
    const nothing = run(atOnce, { name: 'a tool that does nothing', command: ['/bin/true'] }, all);
    const short = (orders as Order[]).filter(
      (order) => compareAll(atOnce, order, nothing.seconds) < TARGET && ORDERS[order].isWhole,
    );
    process.exitCode = short.length === 0 ? 0 : 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** How many times shorter these cases are without a sandbox, cwltest's own time taken off. */
function compareAll(atOnce: string, order: Order, driver: number): number {
  const { cases, title } = ORDERS[order];
  const peer = { name: 'cwltool', command: [process.env['CWLTOOL'] ?? 'cwltool', '--no-container'] };
  const plain = { name: 'helicase without a sandbox', command: [CWL_RUNNER, '--no-sandbox'] };
  const sandboxed = { name: 'helicase in the sandbox', command: [CWL_RUNNER, '--no-container'] };
  // What is compiled once per version is compiled.
  for (const { command } of [peer, plain, sandboxed]) spawnSync(command[0]!, ['--version']);
  console.log(`\n${title}, ${atOnce} cases at once; cwltest itself ${driver.toFixed(1)} s`);
  const theirs = told(run(atOnce, peer, cases));
  const [ratio] = [plain, sandboxed].map((own) => compare(told(run(atOnce, own, cases)), theirs, driver));
  return ratio!;
}

function wanted(cases: readonly Case[]): readonly Case[] {
  const some = values.s?.split(',');
  return cases.filter(({ name }) => !LEFT_OUT.includes(name) && (some?.includes(name) ?? true));
}

/** As `cwltest -l` has them: `[1] cl_basic_generation: General test of command line generation`. */
function listed(tag?: string): readonly Case[] {
  const tags = tag === undefined ? [] : ['--tags', tag];
  const { error, stdout } = spawnSync(CWLTEST, ['--test', suite, '-l', ...tags], { encoding: 'utf8' });
  if (error) throw error;
  const lines = [...stdout.matchAll(/^\[(\d+)\] ([^\s:]+):/gm)];
  return lines.map(([, number, name]) => ({ number: Number(number), name: name! }));
}

function told(result: Result): Result {
  const { name, outcomes, seconds } = result;
  const failed = [...outcomes].filter(([, { passed }]) => !passed).map(([one]) => one);
  const passed = outcomes.size - failed.length;
  console.log(
    `${name}: ${passed} of ${outcomes.size} passed in ${seconds.toFixed(1)} s; not ${failed.join(', ') || 'any'}`,
  );
  return result;
}

/** Answers the ratio without cwltest's own time. */
function compare(own: Result, peer: Result, driver: number): number {
  const both = [...own.outcomes.keys()].filter(
    (name) => own.outcomes.get(name)?.passed && peer.outcomes.get(name)?.passed,
  );
  const inTool = ({ outcomes }: Result) => both.reduce((all, name) => all + outcomes.get(name)!.seconds, 0);
  const ratio = (peer.seconds - driver) / (own.seconds - driver);
  console.log(
    `${own.name}: ${(peer.seconds / own.seconds).toFixed(2)} times faster, ${ratio.toFixed(2)} without ` +
      `cwltest's own time (target: at least ${TARGET}); by the tools' times over ${both.length} cases that both pass ` +
      `${(inTool(peer) / inTool(own)).toFixed(1)} times`,
  );
  return ratio;
}

/** What cwltest says goes to standard error, while it says it. */
function run(atOnce: string, { name, command }: Runner, cases: readonly Case[]): Result {
  const report = join(work, 'report.xml');
  const [tool, ...flags] = command as [string, ...string[]];
  const numbers = cases.map(({ number }) => number).join(',');
  const args = ['--test', suite, '--tool', tool, '-j', atOnce, '--junit-xml', report, '-n', numbers];
  const begun = performance.now();
  const { error } = spawnSync(CWLTEST, [...args, '--', ...flags], { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  const seconds = (performance.now() - begun) / 1000;
  return { name, seconds, outcomes: readOutcomes(readFileSync(report, 'utf8'), cases) };
}

/** The report's entries are in the order in which the cases were named; the names it gives them are the suite's first ones. */
function readOutcomes(xml: string, cases: readonly Case[]): Map<string, Outcome> {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    isArray: (name) => name === 'testcase',
  });
  const { testsuites } = parser.parse(xml) as {
    readonly testsuites: { readonly testsuite: { readonly testcase: readonly Reported[] } };
  };
  const reported = testsuites.testsuite.testcase;
  if (reported.length !== cases.length)
    throw new Error(`cwltest reports ${reported.length} of ${cases.length} cases`);
  return new Map(
    cases.map(({ name }, index) => {
      const { failure, skipped, '@time': seconds } = reported[index]!;
      return [name, { seconds: Number(seconds), passed: failure === undefined && skipped === undefined }];
    }),
  );
}

interface Reported {
  readonly '@time': string;
  readonly failure?: unknown;
  readonly skipped?: unknown;
}
