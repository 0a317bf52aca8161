/**
 * The whole conformance suite of CWL 1.2 without containers, judged by `cwltest`, through `helicase cwl run` and through
 * `cwltool`, one case at a time, in one run. The runner's own time is in both. Exits 1 below the target of 10.
 * Usage: cwl-suite.ts PATH   (a work tree of cwl-v1.2; CWLTOOL and CWLTEST name the programs, from PyPI or Debian)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { readFileSync } from 'node:fs';

const TARGET = 10;
/** They cannot pass without an image and without the internet. */
const LEFT_OUT = 'docker_entrypoint,networkaccess';
const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('Usage: cwl-suite.ts PATH');
const suite = resolve(path, 'conformance_tests.yaml');
const work = mkdtempSync(join(tmpdir(), 'cwl-suite-'));

interface Result {
  readonly seconds: number;
  readonly passed: number;
  readonly cases: number;
}

try {
  const ours = run('ours', join(import.meta.dirname, '../packages/cli/bin/cwl-runner.mjs'));
  const peer = run('peer', process.env['CWLTOOL'] ?? 'cwltool');
  const ratio = peer.seconds / ours.seconds;
  for (const [name, { cases, passed, seconds }] of Object.entries({ helicase: ours, cwltool: peer }))
    console.log(`${name}: ${seconds.toFixed(0)} s in the tool, ${passed} of ${cases} passed`);
  console.log(`CWL 1.2 without containers: ${ratio.toFixed(1)} times faster (target: at least ${TARGET})`);
  if (ratio < TARGET) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** `seconds` is the sum over the cases of the time that the tool took. */
function run(name: string, tool: string): Result {
  const report = join(work, `${name}.xml`);
  const args = ['--test', suite, '--tool', tool, '-j', '1', '--junit-xml', report, '-S', LEFT_OUT];
  const { error } = spawnSync(process.env['CWLTEST'] ?? 'cwltest', [...args, '--', '--no-container'], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  if (error) throw error;
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@' });
  const { testsuites } = parser.parse(readFileSync(report, 'utf8')) as {
    readonly testsuites: {
      readonly testsuite: {
        readonly testcase: readonly { readonly '@time': string; readonly failure?: unknown }[];
      };
    };
  };
  const cases = testsuites.testsuite.testcase;
  return {
    seconds: cases.reduce((sum, one) => sum + Number(one['@time']), 0),
    passed: cases.filter(({ failure }) => failure === undefined).length,
    cases: cases.length,
  };
}
