import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type EngineQuery, SqlEngine } from './engine.ts';
import { QueryError } from './query-error.ts';

describe('the query engine', () => {
  let directory: string;
  let engine: SqlEngine;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'engine-'));
    engine = new SqlEngine();
  });
  after(async () => {
    engine.close();
    await rm(directory, { recursive: true });
  });

  const resultPath = () => join(directory, 'result.csv');
  const query = (more: Partial<EngineQuery> = {}): EngineQuery => ({
    ...{ sql: 'SELECT 1 AS one', tables: [], database: undefined, explain: false },
    ...{ resultPath: resultPath(), spillDirectory: directory, files: async () => ({}) },
    ...more,
  });
  const answers = async () => {
    const reply = await engine.run(query(), new AbortController().signal);
    assert.equal(reply.outcome, 'succeeded', JSON.stringify(reply));
    assert.equal(await readFile(resultPath(), 'utf8'), '"one"\n"1"\n');
  };

  test('answers the next query after one whose tables could not be had', async () => {
    const tooMuch = new QueryError('Bytes scanned limit was exceeded');
    const refused = query({ files: () => Promise.reject(tooMuch) });
    await assert.rejects(engine.run(refused, new AbortController().signal), tooMuch);
    await answers();
  });
});
