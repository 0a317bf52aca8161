import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type CommandOutput, openWorld, runProgram, type World } from './world.ts';

const program = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');

describe('helicase sql', { timeout: 120_000 }, () => {
  let world: World;
  before(async () => void (world = await openWorld()));
  after(() => world.close());

  function sql(...words: readonly string[]): Promise<CommandOutput> {
    const args = ['--no-warnings', program, 'sql', '--data', world.data, ...words];
    return runProgram(process.execPath, args, { PATH: process.env['PATH'] ?? '' });
  }

  test('prints a table, or CSV', async () => {
    const query = `SELECT * FROM (VALUES (1, 'a'), (22, NULL)) AS t(number, text) ORDER BY 1`;
    const table = await sql(query);
    assert.equal(
      table.stdout,
      ['number  text', '------  ----', '1       a', '22      NULL', '(2 rows)', ''].join('\n'),
      table.stderr,
    );
    assert.match((await sql('SHOW TABLES')).stdout, /^tab_name\n-+\n\(0 rows\)\n$/);
    assert.equal((await sql('--format', 'csv', query)).stdout, '"number","text"\n"1","a"\n"22",\n');
  });

  test('says where a query is wrong, and fails', async () => {
    const { status, stderr } = await sql('SELECT nothing() FROM');
    assert.equal(status, 1);
    assert.match(stderr, /SYNTAX_ERROR: line 1:/);
    assert.equal((await sql()).status, 2);
    assert.match((await sql('EXPLAIN SELECT 1')).stdout, /PROJECTION|DUMMY_SCAN/);
  });
});
