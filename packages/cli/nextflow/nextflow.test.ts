import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const helicase = join(import.meta.dirname, '..', 'helicase.ts');
const hasSandbox = spawnSync('bwrap', ['--version']).status === 0;
let folder = '';
before(() => (folder = mkdtempSync(join(tmpdir(), 'nextflow-cli-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

function nextflow(args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  return execFileSync(process.execPath, [helicase, 'nextflow', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NXF_HOME: join(folder, 'home'), ...environment },
  });
}
/** What a command that fails tells. */
function fails(args: readonly string[]): string {
  const { status, stderr, stdout } = spawnSync(process.execPath, [helicase, 'nextflow', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  return stdout + stderr;
}
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

const COUNT = `
params.from = 1
process COUNT {
  input: path reads
  output: tuple stdout, path('lines')
  script: "tail -n +$params.from $reads | tee lines | wc -l"
}
process NAME {
  input: tuple val(lines), path(file)
  output: val answer
  exec:
  answer = "$lines lines".replaceAll('\\n', '')
}
workflow {
  main:
  NAME(COUNT(file('reads.txt'))).view()
  publish:
  files = COUNT.out.map { row -> row[1] }
}
output { files { } }
`;

describe('helicase nextflow', { skip: hasSandbox ? false : 'no sandbox here' }, () => {
  test('tells of the outputs, and remembers the run and its tasks', () => {
    write('main.nf', COUNT);
    write('reads.txt', 'a\nb\n');
    const told = nextflow(['-q', 'run', 'main.nf', '-name', 'first']);
    assert.equal(told, `2 lines\n\nOutputs:\n\n  ${folder}/results\n\n  files: lines\n`);
    assert.equal(readFileSync(join(folder, 'results/lines'), 'utf8'), 'a\nb\n');
    assert.equal(nextflow(['log', 'first', '-f', 'name,status,exit']), 'COUNT\tCOMPLETED\t0\n');
    assert.match(nextflow(['log']), /\tfirst\s+\tOK\s+\t/);
    const work = nextflow(['log', 'last', '-F', "process == 'COUNT'"]).trim();
    assert.match(readFileSync(join(work, '.command.sh'), 'utf8'), /wc -l/);
  });

  test('-resume takes finished tasks and bodies, and says what differs of those it runs again', () => {
    const resumed = (...args: string[]) => nextflow(['run', 'main.nf', '-resume', '-dump-hashes', ...args]);
    assert.match(resumed(), /Cached process > COUNT\n.*Cached process > NAME\n/);
    assert.match(
      resumed('--from', '2'),
      /Not cached > COUNT: .*command\.sh, line 2: before tail -n \+1 .*now tail -n \+2/,
    );
    write('reads.txt', 'a\nb\nc\n');
    assert.match(resumed(), /Not cached > COUNT: .*input \S*reads\.txt: before/);
    write('main.nf', COUNT.replace('wc -l', 'wc -c'));
    assert.match(resumed(), /Not cached > COUNT: .*wc -l.*now .*wc -c/);
  });

  test('a stub may touch a small input, whose original stays as it is', () => {
    write(
      'stub.nf',
      `process TOUCH {
        input: path reads
        output: path 'counts'
        script: "false"
        stub: "echo d >> $reads; wc -l < $reads > counts"
      }
      workflow { TOUCH(file('reads.txt')).view { v -> v.text.trim() } }`,
    );
    write('reads.txt', 'a\nb\nc\n');
    assert.equal(nextflow(['-q', 'run', 'stub.nf', '-stub']), '4\n');
    assert.equal(readFileSync(join(folder, 'reads.txt'), 'utf8'), 'a\nb\nc\n');
  });

  test('-no-sandbox runs tasks as the user, with their inputs and the files of this machine', () => {
    write(
      'plain.nf',
      `process COUNT {
        input: path reads
        output: path 'lines'
        script: "wc -l < $reads > lines; cat ${folder}/reads.txt > /dev/null && touch ${folder}/touched"
      }
      workflow { COUNT(file('reads.txt')).view { v -> v.text.trim() } }`,
    );
    const told = nextflow(['-q', 'run', 'plain.nf', '-no-sandbox']);
    assert.equal(told, 'WARN: without a sandbox tasks can read, change and delete whatever you can\n3\n');
    assert.ok(existsSync(join(folder, 'touched')));
    assert.match(fails(['run', 'plain.nf', '-no-sandbox', '-resume']), /-resume needs the sandbox/);
  });

  test('secrets are kept for the user alone, and given to the tasks that ask for them', () => {
    nextflow(['secrets', 'set', 'TOKEN', 'hush']);
    assert.equal(statSync(join(folder, 'home/secrets/store.json')).mode & 0o777, 0o600);
    assert.equal(nextflow(['secrets', 'list']), 'TOKEN\n');
    write(
      'secret.nf',
      "process S { secret 'TOKEN'\n output: stdout\n script: 'test $TOKEN = hush && printf known' }\nworkflow { S().view() }",
    );
    assert.equal(nextflow(['-q', 'run', 'secret.nf']), 'known\n');
    nextflow(['secrets', 'delete', 'TOKEN']);
    assert.equal(nextflow(['secrets', 'list']), 'no secrets available\n');
  });

  test('tells programs what happens in lines of facts', () => {
    const told = nextflow(['run', 'main.nf'], { NXF_AGENT_MODE: 'true' });
    assert.match(
      told,
      /^\[PIPELINE\] main\.nf \| profile=standard\n\[WORKDIR\] .*\/work\n\[PROCESS \w\w\/\w{6}\] COUNT\n/,
    );
    assert.match(told, /\n\[SUCCESS\] completed=1 failed=0 cached=0\n$/);
  });

  test('-preview -with-dag draws how channels lead from factories through operators to processes', () => {
    write(
      'dag.nf',
      `process SPLIT { input: val n
         output: path 'part', emit: parts
         script: "echo $n > part" }
       process SUM { input: val numbers
         output: path 'sum'
         script: "echo \${numbers} > sum" }
       workflow COUNTS {
         take: numbers
         main: SPLIT(numbers.map { n -> n + 1 })
         emit: SPLIT.out
       }
       workflow {
         COUNTS(channel.of(1..3))
         all = COUNTS.out.mix(channel.value('4'))
         SUM(all.collect()).view()
         all.branch { n -> big: n > 2
           small: true }.big.view()
       }`,
    );
    nextflow(['run', 'dag.nf', '-preview', '-with-dag', 'dag.mmd']);
    const [shapes, arrows] = readFileSync(join(folder, 'dag.mmd'), 'utf8').split(/\n(?= +v0 -->)/);
    const names = new Map(
      [...shapes!.matchAll(/(v\d+)[^\w\n]+([\w.]+)\W*$/gm)].map(([, vertex, name]) => [vertex!, name!]),
    );
    // The edges that Nextflow 24.10.4 gives with dag.verbose, ends aside.
    const edges = [...arrows!.matchAll(/(v\d+) -->\S* (v\d+)/g)]
      .map(([, from, to]) => `${names.get(from!)} ${names.get(to!)}`)
      .filter((edge) => !edge.includes('undefined'));
    assert.deepEqual(edges.sort(), [
      ...['SPLIT mix', 'SUM view', 'branch view', 'channel.of map', 'channel.value mix', 'collect SUM'],
      ...['map SPLIT', 'mix branch', 'mix collect'],
    ]);
    assert.match(shapes!, /subgraph "COUNTS"\n +v1\(\("map"\)\)\n +v2\(\[SPLIT\]\)\n +end/);
  });

  test('reports that the configuration asks for are written, and are not written over', () => {
    write('one.nf', 'process ONE { script: "true" }\nworkflow { ONE() }\n');
    write('reports.config', "trace { enabled = true; file = 'told/trace.txt'; fields = 'name,status' }\n");
    nextflow(['run', 'one.nf', '-c', 'reports.config']);
    assert.equal(readFileSync(join(folder, 'told/trace.txt'), 'utf8'), 'name\tstatus\nONE\tCOMPLETED\n');
    const again = fails(['run', 'one.nf', '-c', 'reports.config']);
    assert.match(again, /Trace file already exists: .*told\/trace\.txt -- enable the 'trace\.overwrite'/);
    assert.match(fails(['run', 'one.nf', '-with-dag', 'dag.png']), /Give a name that ends in \.dot, \.mmd/);
  });

  test('config writes what a run would have, in order, flat, or one setting alone', () => {
    write(
      'some.config',
      "process { withName: FOO { memory = 2.GB; ext.args = { 'x' } }; cpus = 2 }\nenv.X = 'y'\n",
    );
    const config = (...args: string[]) => nextflow(['-C', 'some.config', 'config', ...args]);
    // As Nextflow 24.10.4 prints it.
    const flat = ["env.X = 'y'", 'process.cpus = 2', "process.'withName:FOO'.ext.args = { 'x' }"];
    const memory = "process.'withName:FOO'.memory = '2 GB'";
    assert.equal(config('-flat', '-sort'), `${[...flat, memory].join('\n')}\n`);
    assert.equal(config('-value', 'process.cpus'), '2\n');
    assert.match(config(), /\n {3}withName:FOO \{\n {6}memory = '2 GB'\n/);
    assert.deepEqual(JSON.parse(config('-o', 'json')).env, { X: 'y' });
  });

  test('options that mean nothing here are refused with what to do instead', () => {
    assert.match(
      fails(['run', 'one.nf', '-with-conda']),
      /-with-conda is not supported\. No environments are made/,
    );
    assert.match(
      fails(['run', 'one.nf', '-r', 'main']),
      /-r is not supported\. Pipelines are run from a local/,
    );
    assert.match(
      fails(['log', '-stub']),
      /The command "log" has no option -stub; it belongs to run, inspect\./,
    );
    assert.match(fails(['run', 'one.nf', '-foo']), /Unknown option: -foo/);
  });

  test('inspect answers JSON and nothing else, whatever it warns of', () => {
    write('image.nf', "process I { conda 'x'\n container 'quay.io/x/y:1'\n script: 'y' }\nworkflow { I() }");
    assert.deepEqual(JSON.parse(nextflow(['inspect', 'image.nf'])), {
      processes: [{ name: 'I', container: 'quay.io/x/y:1' }],
    });
  });

  test('clean removes the work of a run, but not what a later run took over', () => {
    const [own = ''] = nextflow(['log', 'last']).split('\n');
    assert.equal(nextflow(['clean', '-n', 'first']), '');
    assert.equal(nextflow(['clean', '-n']), `Would remove ${dirname(own)}\n`);
    nextflow(['clean', '-f', 'last']);
    assert.equal(statSync(own, { throwIfNoEntry: false }), undefined);
    assert.doesNotMatch(nextflow(['log', 'first']), /^$/);
  });
});
