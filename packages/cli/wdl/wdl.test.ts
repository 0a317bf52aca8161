import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createSandboxBackend } from '@helicase/runtime';
import { silentLog, systemClock } from '@helicase/kernel';

const HELICASE = join(import.meta.dirname, '..', 'helicase.ts');
const folder = mkdtempSync(join(tmpdir(), 'helicase-wdl-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const unavailable = await createSandboxBackend({
  ...{ clock: systemClock, log: silentLog, directory: join(folder, 'probe'), groups: () => 'unlimited' },
}).unavailable();

function helicase(...args: string[]) {
  return spawnSync(process.execPath, [HELICASE, 'wdl', ...args], { cwd: folder, encoding: 'utf8' });
}

/** The specification's first example (1.2, "An Example WDL Workflow"), with its test data. */
const HELLO = `version 1.2

task hello_task {
  input {
    File infile
    String pattern
  }

  command <<<
    grep -E '~{pattern}' '~{infile}'
  >>>

  requirements {
    container: "ubuntu:latest"
  }

  output {
    Array[String] matches = read_lines(stdout())
  }
}

workflow hello {
  input {
    File infile
    String pattern
  }

  call hello_task {
    input: infile, pattern
  }

  output {
    Array[String] matches = hello_task.matches
  }
}
`;
writeFileSync(join(folder, 'hello.wdl'), HELLO);
writeFileSync(join(folder, 'greetings.txt'), 'hello world\nhi_world\nhello nurse');
writeFileSync(join(folder, 'inputs.json'), '{"hello.infile": "greetings.txt", "hello.pattern": "hello.*"}');

describe('helicase wdl run', { skip: unavailable }, () => {
  test("runs the specification's first example and prints its outputs as JSON", () => {
    const { stdout, stderr, status } = helicase('run', '--no-container', 'hello.wdl', '-i', 'inputs.json');
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { 'hello.matches': ['hello world', 'hello nurse'] });
    assert.match(stderr, /the image ubuntu:latest is not used/);
    assert.match(stderr, /hello_task: exited 0/);
  });

  test('goes on where it was cut off: with --resume a finished task is not run again', () => {
    const source = `version 1.1
workflow w { input { Int wanted } call first call second { input: wanted = wanted, after = first.at } output { Int at = first.at } }
task first { command { date +%s%N } output { Int at = read_int(stdout()) } }
task second { input { Int wanted Int after } command { test ~{wanted} = 1 } }
`;
    writeFileSync(join(folder, 'resumed.wdl'), source);
    const run = (wanted: number, ...flags: string[]) => {
      writeFileSync(join(folder, 'wanted.json'), JSON.stringify({ wanted }));
      return helicase('run', '--quiet', '-i', 'wanted.json', ...flags, 'resumed.wdl');
    };
    const started = () => readdirSync(join(folder, 'kept', 'tasks')).length;
    assert.equal(run(0, '--resume', 'kept').status, 1);
    assert.equal(started(), 2, 'the first finished, the second failed');
    const mended = JSON.parse(run(1, '--resume', 'kept').stdout) as { 'w.at': number };
    assert.equal(started(), 3, 'the second alone was started');
    assert.deepEqual(JSON.parse(run(1, '--resume', 'kept').stdout), mended);
    assert.notDeepEqual(JSON.parse(run(1).stdout), mended, 'without it every task runs');
  });

  test('runs one task alone and copies its output files', () => {
    const source = 'version 1.0\ntask t { command { echo hi > a.txt } output { File f = "a.txt" } }';
    writeFileSync(join(folder, 'task.wdl'), source);
    const { stdout, stderr } = helicase('run', '--quiet', '--task', 't', '--outdir', 'results', 'task.wdl');
    assert.equal(stderr, '');
    const { 't.f': path } = JSON.parse(stdout) as Record<string, string>;
    assert.equal(path, join(folder, 'results', 'out', 'f', 'a.txt'));
    assert.equal(readFileSync(path!, 'utf8'), 'hi\n');
  });

  test('says with what a task failed, and ends with status 1', () => {
    writeFileSync(
      join(folder, 'bad.wdl'),
      'version 1.0\ntask t { command { echo no such gene >&2; exit 3 } }',
    );
    const { stderr, status } = helicase('run', '--quiet', '--task', 't', 'bad.wdl');
    assert.equal(status, 1);
    assert.match(stderr, /Task t failed with exit code 3\.\nno such gene/);
  });
});

describe('helicase wdl check', () => {
  test('has nothing to say of a good document', () => {
    const { stdout, status } = helicase('check', '--strict', 'hello.wdl');
    assert.deepEqual([stdout, status], ['hello.wdl: nothing to complain about\n', 0]);
  });

  test('points at the fault', () => {
    writeFileSync(join(folder, 'typo.wdl'), HELLO.replace('= hello_task.matches', '= hello_task.matchs'));
    const { stdout, status } = helicase('check', 'typo.wdl');
    assert.equal(status, 1);
    assert.equal(
      stdout,
      `typo.wdl:33:29: error: Call hello_task has no member matchs. Did you mean matches?
        Array[String] matches = hello_task.matchs
                                ^^^^^^^^^^^^^^^^^
`,
    );
  });

  test('--strict takes warnings for errors', () => {
    writeFileSync(join(folder, 'unused.wdl'), HELLO.replace('  call', '  Int spare = 1\n  call'));
    assert.match(helicase('check', 'unused.wdl').stdout, /warning: spare is declared and never used/);
    assert.equal(helicase('check', 'unused.wdl').status, 0);
    assert.equal(helicase('check', '--strict', 'unused.wdl').status, 1);
  });
});
