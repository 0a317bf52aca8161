import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type {
  BatchGetQueryExecutionOutput,
  GetQueryExecutionOutput,
  GetTableMetadataOutput,
  ListDatabasesOutput,
  ListQueryExecutionsOutput,
} from '@aws-sdk/client-athena';
import { ServiceError } from '@helicase/kernel';
import { lacking } from '../testing/needs.ts';
import { SCOPE, SHARED, TestAnalytics } from '../testing/room.ts';
import { ask, importFiles, makeStore } from '../testing/story.ts';

const human = join(SHARED, 'human');
const skip = lacking(['bcftools'], [human]);
const OTHER = { account: '444455556666', region: 'us-east-1' };

function invalid(message: RegExp) {
  return (error: unknown) =>
    error instanceof ServiceError && error.code === 'InvalidRequestException' && message.test(error.message);
}

describe('Athena over the stores', { skip }, () => {
  let room: TestAnalytics;
  let storeId: string;
  before(async () => {
    room = await TestAnalytics.open({ queryLimits: { timeout: 20_000 } });
    storeId = await makeStore(room, 'trio');
    await makeStore(room, 'vep');
    await makeStore(room, 'empty');
    await makeStore(room, 'secret', OTHER);
    await importFiles(room, 'trio', { 'trio.vcf': join(human, 'CEUTrio.NA12878.20.21.vcf') });
    await importFiles(room, 'vep', { 'vep.vcf': join(human, 'vep-loftee.vcf') });
    await importFiles(room, 'secret', { 'hg.vcf.gz': join(human, 'HG00096.vcf.gz') }, {}, OTHER);
  });
  after(() => room.close());

  test('the guide’s VEP query gives what the CSQ entries of the file say', async () => {
    const answer = await ask(
      room,
      `SELECT
        "contigname",
        "start",
        "end",
        "referenceallele",
        "vepentries"."allele",
        "vepentries"."impact",
        "vepentries"."symbol",
        "vepentries"."consequence"
      FROM
        "vep". "vep"
      CROSS JOIN
        UNNEST("annotations"."vep") AS t(vepentries)
      where
        contains("vepentries"."consequence", 'missense_variant') and sampleid = 'HG00096' limit 100`,
    );
    const csq = execFileSync('bcftools', ['query', '-f', '%INFO/CSQ\\n', join(human, 'vep-loftee.vcf')], {
      encoding: 'utf8',
    });
    const expected = csq
      .trim()
      .split(',')
      .map((entry) => entry.split('|'))
      .filter((entry) => entry[1]!.split('&').includes('missense_variant'))
      .map(([allele, consequence, impact, symbol]) => {
        return [
          '22',
          '29091697',
          '29091698',
          'C',
          allele,
          impact,
          symbol,
          `[${consequence!.split('&').join(', ')}]`,
        ];
      });
    assert.ok(expected.length > 3);
    assert.deepEqual(answer.rows.slice(1), expected);
  });

  test('the result lies in the output location as Athena’s CSV, and GetQueryResults pages through it', async () => {
    const { id, rows } = await ask(
      room,
      `SELECT 'a "b", c' AS quoted, CAST(NULL AS varchar) AS nothing, '' AS blank`,
    );
    assert.deepEqual(rows, [
      ['quoted', 'nothing', 'blank'],
      ['a "b", c', null, ''],
    ]);
    const csv = await readFile(room.objects.path(`s3://bucket/results/${id}.csv`), 'utf8');
    assert.equal(csv, '"quoted","nothing","blank"\n"a ""b"", c",,""\n');
    const all = await ask(room, 'SELECT start, sampleid FROM trio ORDER BY contigname, start');
    assert.equal(all.rows.length, 1076);
    const positions = execFileSync(
      'bcftools',
      ['query', '-f', '%POS0\\n', join(human, 'CEUTrio.NA12878.20.21.vcf')],
      {
        encoding: 'utf8',
      },
    );
    assert.deepEqual(
      all.rows
        .slice(1)
        .map(([start]) => start)
        .join('\n'),
      positions.trim(),
    );
    const { QueryExecution: done } = await room.call<GetQueryExecutionOutput>('GetQueryExecution', {
      QueryExecutionId: all.id,
    });
    assert.equal(done!.ResultConfiguration!.OutputLocation, `s3://bucket/results/${all.id}.csv`);
    assert.equal(done!.StatementType, 'DML');
    assert.ok(done!.Statistics!.DataScannedInBytes! > 0);
  });

  test('a table is found by store name, by the service’s database name, and with the catalog', async () => {
    const names = [
      'trio',
      'trio.trio',
      `"variant_${SCOPE.account}_${storeId}"."trio"`,
      'AwsDataCatalog.trio.trio',
    ];
    for (const name of names) {
      assert.deepEqual((await ask(room, `SELECT count(*) FROM ${name}`)).rows[1], ['1075'], name);
    }
    const more = { QueryExecutionContext: { Database: 'vep' } };
    assert.match(
      (await ask(room, 'SELECT count(*) FROM trio', more)).reason,
      /'awsdatacatalog.vep.trio' does not exist/,
    );
    assert.deepEqual((await ask(room, 'SELECT count(*), max(start) FROM empty')).rows[1], ['0', null]);
  });

  // https://trino.io/docs/current/connector.html: every catalog has one, of what its user may see.
  test('information_schema has the tables that one sees, and the types of their columns', async () => {
    const tables = `SELECT * FROM information_schema.tables WHERE table_schema = 'trio'`;
    assert.deepEqual((await ask(room, tables)).rows, [
      ['table_catalog', 'table_schema', 'table_name', 'table_type'],
      ['awsdatacatalog', 'trio', 'trio', 'BASE TABLE'],
    ]);
    const types = `SELECT column_name, ordinal_position, data_type FROM awsdatacatalog.information_schema.columns
      WHERE table_schema = 'trio' AND column_name IN ('start', 'calls', 'attributes') ORDER BY ordinal_position`;
    assert.deepEqual((await ask(room, types)).rows.slice(1), [
      ['start', '3', 'bigint'],
      ['attributes', '11', 'map(varchar, varchar)'],
      ['calls', '13', 'array(integer)'],
    ]);
    const schemas = (await ask(room, 'SELECT schema_name FROM information_schema.schemata')).rows.flat();
    assert.ok(schemas.includes('trio') && !schemas.includes('secret'));
  });

  test('SHOW, DESCRIBE and EXPLAIN answer from the catalog', async () => {
    assert.deepEqual((await ask(room, 'SHOW TABLES IN trio')).rows, [['trio']]);
    const described = (await ask(room, 'DESCRIBE trio.trio')).rows;
    assert.deepEqual(described[2], ['start', 'bigint', '']);
    assert.match(
      described.at(-1)![1]!,
      /^struct<vep:array<struct<allele:string,consequence:array<string>,impact:string/,
    );
    assert.equal((await ask(room, 'EXPLAIN SELECT count(*) FROM trio')).state, 'SUCCEEDED');
    const databases = await room.call<ListDatabasesOutput>('ListDatabases', {
      CatalogName: 'AwsDataCatalog',
    });
    const names = databases.DatabaseList!.map(({ Name }) => Name!);
    assert.ok(names.includes(`variant_${SCOPE.account}_${storeId}`));
    assert.ok(!names.includes('secret'));
    const paged: string[] = [];
    let NextToken: string | undefined;
    do {
      const asked = { CatalogName: 'AwsDataCatalog', MaxResults: 1, NextToken };
      const page = await room.call<ListDatabasesOutput>('ListDatabases', asked);
      assert.equal(page.DatabaseList!.length, 1);
      paged.push(page.DatabaseList![0]!.Name!);
      NextToken = page.NextToken;
      if (NextToken === undefined) break;
      const elsewhere = { CatalogName: 'AwsDataCatalog', DatabaseName: 'trio', NextToken };
      await assert.rejects(room.call('ListTableMetadata', elsewhere), /token/i);
    } while (paged.length <= names.length);
    assert.deepEqual(paged, names, 'page by page the same databases, each once');
    const table = await room.call<GetTableMetadataOutput>('GetTableMetadata', {
      CatalogName: 'AwsDataCatalog',
      DatabaseName: 'trio',
      TableName: 'trio',
    });
    assert.equal(table.TableMetadata!.Columns!.length, 23);
  });

  const attempts = [
    `SELECT * FROM read_csv('/etc/passwd')`,
    `SELECT * FROM read_text('/etc/passwd')`,
    `SELECT * FROM read_blob('/etc/passwd')`,
    `SELECT * FROM read_parquet('/tmp/*.parquet')`,
    `SELECT * FROM '/etc/passwd'`,
    `SELECT * FROM "/etc/passwd"`,
    `SELECT * FROM '/tmp/x.parquet'`,
    `SELECT * FROM glob('/*')`,
    `SELECT * FROM secret`,
    `SELECT * FROM secret.secret`,
    `SELECT (SELECT count(*) FROM secret) FROM trio`,
    `SELECT count(*) FROM trio WHERE sampleid IN (SELECT sampleid FROM secret)`,
    `WITH a AS (SELECT * FROM secret) SELECT * FROM a`,
    `SELECT start FROM trio UNION ALL SELECT start FROM secret`,
    `SELECT 1 /* */ ; SELECT * FROM secret`,
    `COPY trio TO '/tmp/stolen.csv'`,
    `COPY (SELECT 1) TO '/tmp/stolen.csv'`,
    `CREATE TABLE t AS SELECT * FROM trio`,
    `CREATE VIEW v AS SELECT 1`,
    `CREATE MACRO m() AS 1`,
    `INSERT INTO trio VALUES (1)`,
    `DROP TABLE trio`,
    `ATTACH '/tmp/other.db'`,
    `INSTALL httpfs`,
    `LOAD httpfs`,
    `PRAGMA database_list`,
    `SET enable_external_access = true`,
    `CALL pragma_version()`,
    `EXPORT DATABASE '/tmp/export'`,
    `PREPARE p AS SELECT 1`,
    `EXPLAIN COPY trio TO '/tmp/stolen.csv'`,
    `EXPLAIN ANALYZE SELECT * FROM read_csv('/etc/passwd')`,
    `SELECT * FROM duckdb_settings()`,
    `SELECT * FROM duckdb_secrets()`,
    `SELECT * FROM main.information_schema.tables`,
    `SELECT * FROM tables`,
    `SELECT * FROM sqlite_master`,
    `SELECT * FROM helicase_table_0`,
    `SELECT * FROM main.helicase_table_0`,
    `SELECT * FROM query('SELECT 1')`,
    `SELECT * FROM query_table('helicase_table_0')`,
    `SELECT * FROM json_execute_serialized_sql('{}')`,
    `SELECT getenv('HOME')`,
    `SELECT current_setting('temp_directory')`,
    `SELECT getvariable('x')`,
    `SELECT * FROM (SHOW TABLES)`,
    `SELECT * FROM (DESCRIBE trio)`,
    `FROM secret`,
    `TABLE secret`,
    `PIVOT trio ON contigname USING count(*)`,
    `SELECT * FROM parquet_metadata('/tmp/x.parquet')`,
    `SELECT * FROM sniff_csv('/etc/passwd')`,
    `SELECT * FROM other_catalog.trio.trio`,
  ];
  test(`${attempts.length} attempts to reach files, settings, or another account’s store are refused`, async () => {
    for (const sql of attempts) {
      const { state, reason } = await ask(room, sql);
      assert.equal(state, 'FAILED', sql);
      assert.match(
        reason,
        /^(NOT_SUPPORTED|TABLE_NOT_FOUND|FUNCTION_NOT_FOUND|SYNTAX_ERROR|CATALOG_NOT_FOUND)/,
        sql,
      );
      assert.doesNotMatch(reason, /root:|scratch/, sql);
    }
    assert.ok(!existsSync('/tmp/stolen.csv'));
  });

  test('an error says where it is', async () => {
    assert.match((await ask(room, 'SELECT start\nFORM trio')).reason, /^SYNTAX_ERROR: line 2:\d+: /);
    assert.match((await ask(room, 'SELECT *\nFROM nowhere')).reason, /^TABLE_NOT_FOUND: line 2:6: /);
    assert.match((await ask(room, 'SELECT colour FROM trio')).reason, /colour/);
  });

  test('a query is stopped while it runs, and the next one is answered', async () => {
    const endless =
      'SELECT count(*) FROM trio a, trio b, trio c, trio d WHERE a.start + b.start + c.start = d.start';
    const input = { QueryString: endless, ResultConfiguration: { OutputLocation: 's3://bucket/results' } };
    const { QueryExecutionId } = await room.call<{ QueryExecutionId: string }>('StartQueryExecution', input);
    const get = { QueryExecutionId };
    const isRunning = ({ QueryExecution }: GetQueryExecutionOutput) =>
      QueryExecution!.Status!.State === 'RUNNING';
    await room.until('GetQueryExecution', get, isRunning);
    await room.call('StopQueryExecution', get);
    const { QueryExecution: stopped } = await room.call<GetQueryExecutionOutput>('GetQueryExecution', get);
    assert.equal(stopped!.Status!.State, 'CANCELLED');
    await assert.rejects(room.call('GetQueryResults', get), invalid(/Final query state: CANCELLED/));
    assert.deepEqual((await ask(room, 'SELECT 1')).rows[1], ['1']);
  });

  test('the client’s token makes one query of two requests, and refuses another query', async () => {
    const input = {
      QueryString: 'SELECT 1',
      ClientRequestToken: '0'.repeat(32),
      ResultConfiguration: { OutputLocation: 's3://bucket/results/' },
    };
    const first = await room.call('StartQueryExecution', input);
    assert.deepEqual(await room.call('StartQueryExecution', input), first);
    const other = { ...input, QueryString: 'SELECT 2' };
    await assert.rejects(
      room.call('StartQueryExecution', other),
      invalid(/Idempotent parameters do not match/),
    );
  });

  test('requests that cannot be run are refused', async () => {
    const start = (more: object) => room.call('StartQueryExecution', { QueryString: 'SELECT 1', ...more });
    await assert.rejects(start({}), invalid(/No output location/));
    const result = { ResultConfiguration: { OutputLocation: 's3://bucket/' } };
    await assert.rejects(start({ ...result, WorkGroup: 'other' }), invalid(/WorkGroup other is not found/));
    const elsewhere = { ...result, QueryExecutionContext: { Catalog: 'mine' } };
    await assert.rejects(start(elsewhere), invalid(/Catalog mine/));
    await assert.rejects(
      room.call('GetQueryExecution', { QueryExecutionId: 'x' }),
      invalid(/QueryExecution x was not/),
    );
  });

  test('queries are listed newest first, and got in a batch', async () => {
    const { id } = await ask(room, 'SELECT 1');
    const { QueryExecutionIds } = await room.call<ListQueryExecutionsOutput>('ListQueryExecutions', {
      MaxResults: 1,
    });
    assert.deepEqual(QueryExecutionIds, [id]);
    const batch = await room.call<BatchGetQueryExecutionOutput>('BatchGetQueryExecution', {
      QueryExecutionIds: ['absent', id],
    });
    assert.deepEqual(
      batch.QueryExecutions!.map(({ QueryExecutionId }) => QueryExecutionId),
      [id],
    );
    assert.deepEqual(
      batch.UnprocessedQueryExecutionIds!.map(({ QueryExecutionId }) => QueryExecutionId),
      ['absent'],
    );
    const theirs = await room.call<ListQueryExecutionsOutput>('ListQueryExecutions', {}, OTHER);
    assert.deepEqual(theirs.QueryExecutionIds, []);
  });
});

describe('Athena’s limits', { skip }, () => {
  test('a query that runs too long fails with its limit', async () => {
    const room = await TestAnalytics.open({ queryLimits: { timeout: 700 } });
    try {
      const { state, reason } = await ask(
        room,
        'SELECT sum(a.x * b.x) FROM UNNEST(sequence(1, 1000000)) a(x), UNNEST(sequence(1, 1000000)) b(x)',
      );
      assert.equal(state, 'FAILED');
      assert.match(reason, /EXCEEDED_TIME_LIMIT/);
    } finally {
      await room.close();
    }
  });
});
