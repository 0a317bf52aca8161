import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
