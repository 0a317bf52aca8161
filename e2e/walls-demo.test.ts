import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openSharedGround, type SharedGround, withoutPostgres } from './walls-shared.ts';
import { runProgram } from './world.ts';

const entry = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');

describe('helicase demo', { timeout: 300_000, skip: withoutPostgres }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-walls-demo-'));
  let ground: SharedGround;
  before(async () => {
    ground = await openSharedGround(folder);
  });
  after(async () => {
    await ground.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const demo = async (serve: readonly string[]) => {
    const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, ...ground.environment };
    const told = await runProgram(process.execPath, [entry, 'demo', '--', ...serve], environment, folder);
    assert.equal(told.status, 0, told.stdout + told.stderr);
    return answerOf(told.stdout);
  };

  test('answers the same on PostgreSQL and S3 as on SQLite and a folder', async () => {
    const alone = await demo([]);
    assert.ok(alone.length > 40, alone.join('\n'));
    assert.deepEqual(await demo(ground.flags), alone);
  });
});

/** The table of differences and the line of figures: what does not depend on ids, times and ports. */
function answerOf(told: string): readonly string[] {
  return told.split('\n').filter((line) => /^\s+\S+\s+\d+\s+[ACGT]+\s+[ACGT]+|recall/.test(line));
}
