import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import type { FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { systemClock } from '@helicase/kernel';
import { openTestMonitoring } from '../testing.ts';
import { logTables } from './tables.ts';

describe('a disk that is full of logs', () => {
  it('refuses what clients write until there is room, keeps what was there, and tells of lines that were lost', async (t) => {
    // Waits pass at once: the attempts to store lines again would take half a minute.
    const clock = {
      now: () => Date.now(),
      sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(1, signal),
    };
    const room = await openTestMonitoring('sqlite', { clock });
    t.after(() => room.close());
    const { records, writer } = room;
    /** SQLite's own bound: beyond it every write fails with SQLITE_FULL, as on a disk without room. */
    const pages = (most: number) =>
      records.transaction(async (tx) => {
        await sql.raw(`pragma max_page_count = ${most}`).execute(logTables(tx));
      });
    const where = { logGroupName: '/lab', logStreamName: 'one' };
    const put = (message: string) =>
      room.call('PutLogEvents', { ...where, logEvents: [{ timestamp: Date.now(), message }] });
    const messages = async (logStreamName: string) => {
      const input = { logGroupName: '/lab', logStreamNames: [logStreamName] };
      const { events } = await room.call<FilterLogEventsResponse>('FilterLogEvents', input);
      return events!.map(({ message }) => message!.slice(0, 80));
    };
    const noise = () => Array.from({ length: 40_000 }, () => Math.random().toString(36).slice(2, 8)).join('');

    await room.call('CreateLogGroup', { logGroupName: '/lab' });
    await room.call('CreateLogStream', where);
    await put('before');
    await pages(1); // SQLite takes the present size for a smaller bound
    const refused = await put(noise()).then(
      () => undefined,
      (error: { code: string; status: number; message: string }) => error,
    );
    assert.deepEqual([refused?.code, refused?.status], ['ServiceUnavailableException', 503]);
    assert.match(refused!.message, /database or disk is full.*send it again/);
    for (const message of [noise(), noise()]) {
      await writer.append(room.context, '/lab', 'task', [{ timestamp: Date.now(), message }]);
      await writer.flush();
    }
    assert.deepEqual(await messages('one'), ['before'], 'what was there can be read');

    await pages(1_000_000);
    await put('after');
    await writer.append(room.context, '/lab', 'task', [{ timestamp: Date.now(), message: 'goes on' }]);
    await writer.flush();
    assert.deepEqual(await messages('one'), ['before', 'after']);
    assert.deepEqual(await messages('task'), [
      '[helicase] 2 lines before this one could not be stored, and are lost.',
      'goes on',
    ]);
  });
});
