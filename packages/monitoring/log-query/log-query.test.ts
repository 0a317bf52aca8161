import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  DescribeQueriesResponse,
  GetLogGroupFieldsResponse,
  GetLogRecordResponse,
  GetQueryResultsResponse,
  StartQueryResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { dialectsUnderTest } from '@helicase/records';
import { contextOf, openTestMonitoring, type TestMonitoring } from '../testing.ts';

const NOON = Date.UTC(2026, 0, 31, 12);
const MINUTE = 60_000;

/** What a workflow's tasks write: minutes after noon, stream, message. */
const LINES: readonly (readonly [number, string, string])[] = [
  [0, 'run/1', '{"task": "align", "seconds": 10, "host": {"name": "n1"}, "ok": true}'],
  [1, 'run/1', '{"task": "align", "seconds": 30, "host": {"name": "n2"}, "ok": true}'],
  [6, 'run/2', '{"task": "sort", "seconds": 5, "host": {"name": "n1"}, "ok": false}'],
  [7, 'run/2', 'ERROR user=ann, method:GET, latency := 120 ms'],
  [8, 'run/2', 'ERROR user=bob, method:PUT, latency := 80 ms'],
  [9, 'run/3', 'WARN disk is almost full'],
];

type Fields = Readonly<Record<string, string>>;

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`Logs Insights on ${dialect}`, { skip, timeout: 120_000 }, () => {
    let room: TestMonitoring;
    before(async () => {
      room = await openTestMonitoring(dialect);
      for (const [minute, stream, message] of LINES) {
        const event = { timestamp: NOON + minute * MINUTE, message };
        await room.writer.append(room.context, '/runs', stream, [event]);
      }
      await room.writer.flush();
    });
    after(() => room.close());

    const start = (queryString: string, more: object = {}) =>
      room.call<StartQueryResponse>('StartQuery', {
        ...{ logGroupName: '/runs', queryString, startTime: NOON / 1000, endTime: NOON / 1000 + 3600 },
        ...more,
      });
    const answer = async (queryString: string, more: object = {}) => {
      const { queryId } = await start(queryString, more);
      for (;;) {
        const found = await room.call<GetQueryResultsResponse>('GetQueryResults', { queryId });
        if (found.status !== 'Scheduled' && found.status !== 'Running') return found;
        await delay(10);
      }
    };
    const rows = async (queryString: string, more: object = {}): Promise<readonly Fields[]> => {
      const { results, status } = await answer(queryString, more);
      assert.equal(status, 'Complete');
      return results!.map((row) =>
        Object.fromEntries(
          row.filter(({ field }) => field !== '@ptr').map(({ field, value }) => [field, value]),
        ),
      );
    };

    it('answers time and message of each line, newest first, with a pointer, and says what it read', async () => {
      const { results, statistics } = await answer('fields @timestamp, @message | limit 1');
      const [first] = results!;
      assert.deepEqual(
        first!.map(({ field }) => field),
        ['@timestamp', '@message', '@ptr'],
      );
      assert.deepEqual(
        first!.slice(0, 2).map(({ value }) => value),
        ['2026-01-31 12:09:00.000', 'WARN disk is almost full'],
      );
      const { bytesScanned, recordsMatched, recordsScanned } = statistics!;
      const bytes = LINES.reduce((sum, [, , message]) => sum + message.length, 0);
      assert.deepEqual([recordsScanned, recordsMatched, bytesScanned], [6, 6, bytes]);
    });

    it('gives the whole line that a pointer points to, with the fields of its JSON', async () => {
      const { results } = await answer('filter seconds = 5');
      const logRecordPointer = results![0]!.find(({ field }) => field === '@ptr')!.value!;
      const read = async (pointer: string, as = room.context) =>
        (await room.call<GetLogRecordResponse>('GetLogRecord', { logRecordPointer: pointer }, as)).logRecord!;
      const { '@ingestionTime': ingested, ...record } = await read(logRecordPointer);
      assert.match(ingested!, /^\d{13}$/);
      assert.deepEqual(record, {
        ...{ '@timestamp': String(NOON + 6 * MINUTE), '@logStream': 'run/2', '@message': LINES[2]![2] },
        ...{ '@log': '111122223333:/runs', '@ptr': logRecordPointer },
        ...{ task: 'sort', seconds: '5', 'host.name': 'n1', ok: 'false' },
      });
      for (const [pointer, as] of [
        ['abc', room.context],
        [logRecordPointer.replace(/\d$/, '9'), room.context],
        [logRecordPointer, contextOf('444455556666', 'us-east-1')],
      ] as const)
        await assert.rejects(read(pointer, as), { code: 'ResourceNotFoundException' });
    });

    it('tells which fields the lines of a time have, and how many of them', async () => {
      const { logGroupFields } = await room.call<GetLogGroupFieldsResponse>('GetLogGroupFields', {
        ...{ logGroupName: '/runs', time: NOON / 1000 },
      });
      const percent = (name: string) => logGroupFields!.find((one) => one.name === name)?.percent;
      // Four of the six lines lie within eight minutes of noon, three of them are JSON.
      assert.deepEqual(['@message', 'task', 'host.name', 'user'].map(percent), [100, 75, 75, undefined]);
      await assert.rejects(room.call('GetLogGroupFields', { logGroupName: '/none' }), {
        code: 'ResourceNotFoundException',
      });
    });

    const messages = async (condition: string) =>
      (await rows(`filter ${condition} | sort @timestamp asc`)).map((row) =>
        LINES.findIndex(([, , message]) => message === row['@message']),
      );
    for (const [condition, lines] of [
      ['@message like /ERROR|WARN/', [3, 4, 5]],
      ['@message like "ann"', [3]],
      ['@message not like "ERROR" and not (@message like /^\\{/)', [5]],
      ["task = 'align'", [0, 1]],
      ['task != "align" and ispresent(task)', [2]],
      ['seconds >= 10 and seconds < 30', [0]],
      ['host.name in ["n1", "n3"]', [0, 2]],
      ['task not in ["sort"] and ispresent(task)', [0, 1]],
      ['@logStream = "run/3" or seconds + 5 = 10', [2, 5]],
      ['strlen(task) = 5 # align has five\n', [0, 1]],
      ['@message =~ /(?i)error.*BOB/', [4]],
      ['ok = true', [0, 1]],
      ['(seconds % 4) ^ 2 = 4 and coalesce(task, "none") like /^a/', [0, 1]],
    ] as const) {
      it(`filters by ${condition.trim()}`, async () => {
        assert.deepEqual(await messages(condition), lines);
      });
    }

    it('parses by a glob and by a regular expression, as the user guide shows', async () => {
      // The user guide, "parse": parse @message "user=*, method:*, latency := *" as @user, @method, @latency
      const glob = `parse @message "user=*, method:*, latency := * ms" as @user, @method, @latency`;
      const expected = [
        { '@user': 'bob', '@method': 'PUT', '@latency': '80' },
        { '@user': 'ann', '@method': 'GET', '@latency': '120' },
      ];
      assert.deepEqual(
        await rows(`${glob} | filter ispresent(@user) | display @user, @method, @latency`),
        expected,
      );
      const regular = `parse @message /user=(?<user>.*?), method:(?<method>.*?), latency := (?<latency>\\d+)/`;
      assert.deepEqual(
        await rows(`${regular} | filter latency > 100 | display concat(user, "!") as who, latency * 2`),
        [{ who: 'ann!', 'latency * 2': '240' }],
      );
    });

    it('puts lines together by fields and by time', async () => {
      assert.deepEqual(
        await rows(
          'stats count(*) as n, sum(seconds) as s, avg(seconds), max(seconds), min(seconds) by task | sort n desc, task desc',
        ),
        [
          { n: '3', s: undefined, task: undefined },
          {
            task: 'align',
            n: '2',
            s: '40',
            'avg(seconds)': '20',
            'max(seconds)': '30',
            'min(seconds)': '10',
          },
          { task: 'sort', n: '1', s: '5', 'avg(seconds)': '5', 'max(seconds)': '5', 'min(seconds)': '5' },
        ].map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))),
      );
      assert.deepEqual(await rows('stats count(*) by bin(5m) | sort bin(5m) asc'), [
        { 'bin(5m)': '2026-01-31 12:00:00.000', 'count(*)': '2' },
        { 'bin(5m)': '2026-01-31 12:05:00.000', 'count(*)': '4' },
      ]);
      assert.deepEqual(
        await rows('stats pct(seconds, 50) as p50, count_distinct(host.name) as hosts, count(task) as tasks'),
        [{ p50: '10', hosts: '2', tasks: '3' }],
      );
      assert.deepEqual(
        await rows('stats count(*) as n by @logStream | stats max(n) as most, count(*) as streams'),
        [{ most: '3', streams: '3' }],
      );
    });

    it('keeps the newest line of each value with dedup, and all that have none', async () => {
      const found = await rows('filter ispresent(task) | dedup task | display task, seconds');
      assert.deepEqual(found, [
        { task: 'sort', seconds: '5' },
        { task: 'align', seconds: '30' },
      ]);
      assert.equal((await rows('dedup task')).length, 5);
    });

    it('reads only the time that is asked for, its last second included, and at most the limit', async () => {
      const range = { startTime: NOON / 1000 + 60, endTime: NOON / 1000 + 7 * 60 };
      assert.equal((await rows('fields @message', range)).length, 3);
      assert.equal((await rows('fields @message', { limit: 2 })).length, 2);
    });

    for (const [query, fault, from, to] of [
      ['fields @message | filter level = ', 'a field, a value or a function is expected', 33, 33],
      ['filter @message like 5', 'a /regular expression/ or a "text" is expected', 21, 22],
      ['fields @message | sorted', 'a command is expected', 18, 24],
      ['stats average(x)', 'an aggregate function is expected', 6, 13],
      ['filter nope(x) = 1', 'there is no function nope', 7, 11],
      ['parse "a=*, b=*" as a', 'it has 2 times *, and 1 names follow', 6, 16],
      ['filter @message like /(/', 'the regular expression cannot be read', 21, 24],
      ['limit 0', 'a whole number from 1 to 10000 is expected', 6, 7],
      ['stats count(*) by bin(5 moons)', 'a period such as', 22, 29],
      ['fields "a', 'is not expected or is not closed', 7, 8],
    ] as const) {
      it(`refuses ${query} with the place of the fault`, async () => {
        await assert.rejects(start(query), (error: { code: string; message: string; members: object }) => {
          assert.equal(error.code, 'MalformedQueryException');
          assert.ok(error.message.includes(fault), error.message);
          const { queryCompileError } = error.members as { queryCompileError: { location: object } };
          assert.deepEqual(queryCompileError.location, { startCharOffset: from, endCharOffset: to });
          return true;
        });
      });
    }

    it('lists queries, newest first, and stops none that has ended', async () => {
      const { queryId } = await start('stats count(*)');
      const { queries } = await room.call<DescribeQueriesResponse>('DescribeQueries', { maxResults: 1 });
      assert.deepEqual([queries![0]!.queryId, queries![0]!.queryString], [queryId, 'stats count(*)']);
      await answer('stats count(*)');
      for (;;) {
        const { status } = await room.call<GetQueryResultsResponse>('GetQueryResults', { queryId });
        if (status === 'Complete') break;
        await delay(10);
      }
      await assert.rejects(room.call('StopQuery', { queryId }), { code: 'InvalidParameterException' });
      const gone = room.call('GetQueryResults', { queryId: 'gone' });
      await assert.rejects(gone, { code: 'ResourceNotFoundException' });
      const nowhere = start('fields @message', { logGroupName: '/nowhere' });
      await assert.rejects(nowhere, { code: 'ResourceNotFoundException' });
    });

    it('asks several groups together, each named in @log', async () => {
      await room.writer.append(room.context, '/other', 'a', [{ timestamp: NOON, message: 'elsewhere' }]);
      await room.writer.flush();
      const groups = { logGroupName: undefined, logGroupNames: ['/runs', '/other'] };
      assert.deepEqual(await rows('stats count(*) as n by @log | sort n desc', groups), [
        { '@log': '111122223333:/runs', n: '6' },
        { '@log': '111122223333:/other', n: '1' },
      ]);
    });
  });
}
