import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { runProgram, sharedData, withoutSharedData } from './world.ts';

// The tutorials' story once more with @aws-sdk/client-omics: it is the demo.

const entry = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
const folder = mkdtempSync(join(tmpdir(), 'helicase-demo-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const environment = { PATH: process.env['PATH'] ?? '', HOME: folder };
const figures = /(\d+) of (\d+) differences found, (\d+) other calls: recall ([\d.]+), precision ([\d.]+)/;

describe('helicase demo', { timeout: 300_000 }, () => {
  test('finds the planted SNVs with recall and precision of at least 0.95', async () => {
    const demo = await runProgram(process.execPath, [entry, 'demo'], environment, folder);
    assert.equal(demo.status, 0, demo.stdout + demo.stderr);
    const [, , , , recall, precision] = figures.exec(demo.stdout)!;
    assert.ok(Number(recall) >= 0.95 && Number(precision) >= 0.95, demo.stdout);
  });

  test(
    'on real reads of SARS-CoV-2 finds at least 29 of the 30 differences with at most 2 others',
    { skip: withoutSharedData },
    async () => {
      const demo = await runProgram(
        process.execPath,
        [entry, 'demo', '--data', join(sharedData, 'virus')],
        environment,
        folder,
      );
      assert.equal(demo.status, 0, demo.stdout + demo.stderr);
      const [, found, all, others] = figures.exec(demo.stdout)!;
      assert.equal(Number(all), 30);
      assert.ok(Number(found) >= 29 && Number(others) <= 2, demo.stdout);
    },
  );

  test('says what is missing in a folder that has no reads', async () => {
    const demo = await runProgram(process.execPath, [entry, 'demo', '--data', folder], environment, folder);
    assert.equal(demo.status, 1);
    assert.match(demo.stderr, /reference\.fasta is missing/);
  });
});

test('npx helicase runs from the repository, whatever Node the shell has', async () => {
  const help = await runProgram('npx', ['helicase', 'help'], environment, join(import.meta.dirname, '..'));
  assert.equal(help.status, 0, help.stderr);
  assert.match(help.stdout, /serve +start the server/);
});
