import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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
  return helicaseIn(tmpdir(), ...args);
}

/** `temporary`: where it runs tasks. */
function helicaseIn(temporary: string, ...args: string[]) {
  const env = { ...process.env, TMPDIR: temporary };
  return spawnSync(process.execPath, [HELICASE, 'wdl', ...args], { cwd: folder, encoding: 'utf8', env });
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

/** Inputs, outputs and requirements whose places a sandbox makes, and a task without one must be given otherwise. */
const PLACES = `version 1.2
workflow places {
  input { File one File two Directory folder }
  call join { input: one, two, folder }
  call second_time
  output {
    Array[String] joined = read_lines(join.joined)
    Array[File] parts = join.parts
    File linked = join.linked
    File resolved = join.resolved
    Directory made = join.made
    File outside = join.outside
    File? missing = join.missing
    String complaint = read_string(join.complaint)
    Int attempts = second_time.attempts
  }
}
task join {
  input { File one File two Directory folder }
  env String greeting = "good day"
  command <<<
    cat '~{one}' '~{two}' '~{write_lines(["written"])}' '~{folder}/inner/deep.txt'
    echo "$greeting" "$(basename '~{one}')" >&2
    mkdir -p parts made/inner && touch parts/b parts/a made/inner/empty "$HOME/spare"
    ln -s '~{one}' linked.txt
    ln -s "$(realpath '~{two}')" resolved.txt
  >>>
  requirements { memory: "100 MiB" disks: "1 GiB" }
  output {
    File joined = stdout()
    File complaint = stderr()
    Array[File] parts = glob("parts/*")
    File linked = "linked.txt"
    File resolved = "resolved.txt"
    Directory made = "made"
    File outside = "/usr/bin/env"
    File? missing = "missing.txt"
  }
}
task second_time {
  command <<< touch attempt-~{task.attempt} && ls && test ~{task.attempt} = 1 >>>
  requirements { max_retries: 1 }
  output { Int attempts = task.attempt + length(glob("attempt-*")) }
}
`;

/** Of every file below the folder, by its path. */
function contents(outdir: string): Record<string, string> {
  const entries = readdirSync(outdir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((path) => [path.slice(outdir.length), readFileSync(path, 'base64')]));
}

describe('helicase wdl run --no-sandbox', () => {
  test('gives what the sandbox gives, and warns', { skip: unavailable }, () => {
    for (const place of ['left', 'right', 'folder/inner'])
      mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, 'left', 'same.txt'), 'left\n');
    writeFileSync(join(folder, 'right', 'same.txt'), 'right\n');
    writeFileSync(join(folder, 'folder', 'inner', 'deep.txt'), 'deep\n');
    writeFileSync(join(folder, 'places.wdl'), PLACES);
    writeFileSync(
      join(folder, 'places.json'),
      '{"one": "left/same.txt", "two": "right/same.txt", "folder": "folder"}',
    );
    const temporary = join(folder, 'a folder with spaces');
    mkdirSync(temporary);
    const [plain, sandboxed] = ['--no-sandbox', '--no-container'].map((flag) => {
      const outdir = join(folder, `results${flag}`);
      const { stderr, stdout } = helicaseIn(
        temporary,
        ...['run', flag, '-i', 'places.json', '--outdir', outdir, 'places.wdl'],
      );
      assert.notEqual(stdout, '', stderr);
      return { stderr, outputs: stdout.replaceAll(outdir, 'OUT'), files: contents(outdir) };
    });
    assert.deepEqual(plain!.outputs, sandboxed!.outputs);
    assert.deepEqual(plain!.files, sandboxed!.files);
    const outputs = JSON.parse(plain!.outputs) as Record<string, unknown>;
    assert.deepEqual(outputs['places.joined'], ['left', 'right', 'written', 'deep']);
    assert.equal(outputs['places.complaint'], 'good day same.txt');
    assert.equal(outputs['places.attempts'], 2, 'the second attempt, in a folder of its own');
    assert.equal(outputs['places.missing'], null);
    assert.match(
      plain!.stderr,
      /^warning: without a sandbox tools can read, change and delete whatever you can/,
    );
  });

  test('ends everything that a task started when it is interrupted', async () => {
    const started = join(folder, 'started');
    const script = `sleep 61.5 & echo $! > ${started}.new; mv ${started}.new ${started}; wait`;
    writeFileSync(join(folder, 'slow.wdl'), `version 1.0\ntask t { command <<< ${script} >>> }`);
    const args = [HELICASE, 'wdl', 'run', '--no-sandbox', '--quiet', '--task', 't', 'slow.wdl'];
    const running = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' });
    const ended = once(running, 'exit');
    while (!existsSync(started) && running.exitCode === null) await systemClock.sleep(10);
    running.kill('SIGINT');
    assert.deepEqual(await ended, [1, null]);
    assert.equal(existsSync(`/proc/${readFileSync(started, 'utf8').trim()}`), false);
  });

  test('says what only a sandbox could do: a disk at a place of its own', () => {
    const source = 'version 1.1\ntask t { command {} runtime { disks: "/mnt/data 1 GiB" } }';
    writeFileSync(join(folder, 'disk.wdl'), source);
    const { stderr, status } = helicase('run', '--no-sandbox', '--quiet', '--task', 't', 'disk.wdl');
    assert.equal(status, 1);
    assert.match(stderr, /Without a sandbox nothing can be put at \/mnt\/data\./);
  });

  test('refuses flags that contradict it', () => {
    const images = helicase('run', '--no-sandbox', '--images', folder, 'hello.wdl');
    assert.deepEqual(
      [images.status, images.stderr],
      [2, 'helicase: --no-sandbox and --images contradict each other.\n'],
    );
    const resumed = helicase('run', '--no-sandbox', '--resume', 'kept', 'hello.wdl');
    assert.equal(resumed.status, 2);
    assert.match(resumed.stderr, /--resume needs the sandbox/);
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
