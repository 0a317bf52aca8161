import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'cwl-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));
// npm links it from node_modules/.bin
const RUNNER = join(folder, 'cwl-runner');
symlinkSync(join(import.meta.dirname, '../bin/cwl-runner'), RUNNER);

const TOOL = {
  cwlVersion: 'v1.2',
  class: 'CommandLineTool',
  baseCommand: ['tr', 'a-z', 'A-Z'],
  stdin: '$(inputs.text.path)',
  stdout: 'loud',
  inputs: { text: 'File' },
  outputs: { loud: { type: 'stdout' } },
};

function run(tool: object, ...flags: readonly string[]) {
  const files = { 'tool.cwl': tool, 'job.json': { text: { class: 'File', path: 'quiet.txt' } } };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
  writeFileSync(join(folder, 'quiet.txt'), 'acgt\n');
  const args = [
    ...flags,
    '--outdir',
    join(folder, 'out'),
    join(folder, 'tool.cwl'),
    join(folder, 'job.json'),
  ];
  return spawnSync(RUNNER, args, { encoding: 'utf8', timeout: 120_000 });
}

describe('cwl-runner', () => {
  test('without a sandbox warns, prints the output object and leaves the files in the output folder', () => {
    const { status, stderr, stdout } = run(TOOL, '--no-sandbox');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^warning: without a sandbox tools can read, change and delete whatever you can/);
    const path = join(folder, 'out', 'loud');
    assert.equal(readFileSync(path, 'utf8'), 'ACGT\n');
    assert.deepEqual(JSON.parse(stdout), {
      loud: {
        ...{ class: 'File', location: `file://${path}`, path, basename: 'loud', size: 5 },
        checksum: 'sha1$a897e509d0bf44cf4fd7824fdd59b4766dc2b549',
      },
    });
  });

  test('ends with 33 where the document needs what is not supported, and with 1 where the tool fails', () => {
    const built = { ...TOOL, requirements: { DockerRequirement: { dockerFile: 'FROM scratch' } } };
    const unsupported = run(built, '--no-sandbox', '--quiet');
    assert.equal(unsupported.status, 33);
    assert.match(unsupported.stderr, /tool\.cwl:1:\d+: dockerFile is not supported/);
    const failing = run({ ...TOOL, baseCommand: 'false' }, '--no-sandbox', '--quiet');
    assert.equal(failing.status, 1);
    assert.match(failing.stderr, /exit code 1/);
  });

  test('says which file is not there', () => {
    const { status, stderr } = spawnSync(RUNNER, ['none.cwl#main'], { encoding: 'utf8', cwd: folder });
    assert.deepEqual([status, stderr], [2, `helicase: There is no file ${join(folder, 'none.cwl#main')}.\n`]);
  });

  test('refuses flags that contradict each other, and says so without a trace of the program', () => {
    const { status, stderr } = run(TOOL, '--no-sandbox', '--images', folder);
    assert.equal(status, 2);
    assert.equal(stderr, 'helicase: --no-sandbox and --images contradict each other.\n');
  });
});
