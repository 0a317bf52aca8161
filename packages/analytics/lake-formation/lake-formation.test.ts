import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { GetTablesResponse } from '@aws-sdk/client-glue';
import type { ListPermissionsResponse } from '@aws-sdk/client-lakeformation';
import { type Principal, ServiceError } from '@helicase/kernel';
import { lacking } from '../testing/needs.ts';
import { SCOPE, SHARED, TestAnalytics } from '../testing/room.ts';
import { ask, importFiles, makeStore } from '../testing/story.ts';

const human = join(SHARED, 'human');
const OTHER = { account: '444455556666', region: 'us-east-1' };
const ANN: Principal = {
  account: SCOPE.account,
  kind: 'user',
  arn: 'arn:aws:iam::111122223333:user/ann',
  id: 'AIDAANN',
};

describe('Permissions on the stores’ tables', { skip: lacking(['bcftools'], [human]) }, () => {
  let room: TestAnalytics;
  const shared = new Set<string>();
  before(async () => {
    room = await TestAnalytics.open({
      shares: {
        isShared: async ({ account }, arn) => account === SCOPE.account && shared.has(arn),
        subscribers: async () => [SCOPE.account],
      },
    });
    await makeStore(room, 'trio');
    await makeStore(room, 'secret', OTHER);
    await importFiles(room, 'trio', { 'trio.vcf': join(human, 'CEUTrio.NA12878.20.21.vcf') });
    await importFiles(room, 'secret', { 'gvcf.vcf': join(human, 'NA12878_21.g.vcf') }, {}, OTHER);
  });
  after(() => room.close());

  const table = { DatabaseName: 'trio', Name: 'trio' };
  const change = (Resource: object, Permissions = ['SELECT'], principal = ANN.arn) => ({
    ...{ Principal: { DataLakePrincipalIdentifier: principal }, Resource, Permissions },
  });
  const grant = (resource: object) => room.call('lakeformation:GrantPermissions', change(resource));
  const revoke = (resource: object) => room.call('lakeformation:RevokePermissions', change(resource));
  const asAnn = (sql: string) => ask(room, sql, {}, SCOPE, ANN);
  const count = async (sql: string) => Number((await asAnn(sql)).rows[1]![0]);

  test('tables are open to whoever IAM lets in, until that is revoked', async () => {
    assert.equal(await count('SELECT count(*) FROM trio.trio'), 1075);
    await room.call(
      'lakeformation:RevokePermissions',
      change({ Table: table }, ['ALL'], 'IAM_ALLOWED_PRINCIPALS'),
    );
    assert.match((await asAnn('SELECT count(*) FROM trio.trio')).reason, /TABLE_NOT_FOUND: line 1:22/);
    assert.equal((await ask(room, 'SELECT count(*) FROM trio')).state, 'SUCCEEDED');
    const { TableList } = await room.call<GetTablesResponse>('glue:GetTables', { DatabaseName: 'trio' });
    assert.deepEqual(
      TableList!.map(({ Name }) => Name),
      ['trio'],
    );
    await assert.rejects(
      room.call('glue:GetTables', { DatabaseName: 'trio' }, SCOPE, ANN),
      /Database trio not found/,
    );
  });

  test('columns: those named, or all but those excluded', async () => {
    const only = { TableWithColumns: { ...table, ColumnNames: ['contigname', 'start'] } };
    await grant(only);
    assert.equal((await asAnn('SELECT * FROM trio LIMIT 1')).rows[0]!.join(), 'contigname,start');
    assert.match((await asAnn('SELECT qual FROM trio')).reason, /qual/);
    await revoke(only);
    const allBut = {
      TableWithColumns: { ...table, ColumnWildcard: { ExcludedColumnNames: ['sampleid', 'calls'] } },
    };
    await grant(allBut);
    const [names] = (await asAnn('SELECT * FROM trio LIMIT 1')).rows;
    assert.deepEqual(
      [names!.includes('qual'), names!.includes('sampleid'), names!.includes('calls')],
      [true, false, false],
    );
    const described = `SELECT column_name FROM information_schema.columns WHERE table_schema = 'trio'`;
    assert.deepEqual((await asAnn(described)).rows.slice(1).flat(), names);
    await revoke(allBut);
    assert.deepEqual((await asAnn(described)).rows.slice(1), []);
  });

  test('rows: a filter’s condition, and its columns', async () => {
    const filter = { TableCatalogId: SCOPE.account, DatabaseName: 'trio', TableName: 'trio', Name: 'only21' };
    const data = { ...filter, RowFilter: { FilterExpression: `contigname = '21'` }, ColumnWildcard: {} };
    await room.call('lakeformation:CreateDataCellsFilter', { TableData: data });
    await grant({ DataCellsFilter: filter });
    const all = Number((await ask(room, `SELECT count(*) FROM trio WHERE contigname = '21'`)).rows[1]![0]);
    assert.equal(await count('SELECT count(*) FROM trio'), all);
    assert.equal(await count(`SELECT count(*) FROM trio WHERE contigname = '20'`), 0);
    const listed = await room.call<ListPermissionsResponse>(
      'lakeformation:ListPermissions',
      change({ DataCellsFilter: filter }),
    );
    assert.deepEqual(
      listed.PrincipalResourcePermissions!.map(({ Permissions }) => Permissions),
      [['SELECT']],
    );
  });

  const attempts: readonly string[] = [
    `SELECT contigname FROM trio WHERE contigname = '20' UNION ALL SELECT contigname FROM trio.trio WHERE contigname = '20'`,
    `SELECT * FROM (SELECT contigname FROM "AwsDataCatalog"."trio"."trio") WHERE contigname = '20'`,
    `WITH t AS (SELECT contigname FROM trio) SELECT * FROM t WHERE contigname = '20'`,
    `SELECT contigname FROM trio /* trio */ WHERE contigname = '20' -- OR true`,
    `SELECT contigname FROM "TRIO" WHERE contigname LIKE '20%'`,
    `SELECT contigname FROM trio WHERE contigname = '20' OR contigname = '20'`,
    `SELECT max(contigname) FROM trio WHERE contigname <> '21' HAVING count(*) > 0`,
    `SELECT a.contigname FROM trio a LEFT JOIN trio b ON a.start = b.start WHERE a.contigname = '20'`,
    `SELECT 1 FROM trio WHERE EXISTS (SELECT 1 FROM trio x WHERE x.contigname = '20')`,
    `SELECT CAST(if(contigname = '20', 'leak', '1') AS integer) FROM trio WHERE contigname = '20'`,
    `SELECT contigname FROM trio WHERE CAST(if(contigname = '20', 'leak', '1') AS integer) = 2`,
    `SELECT contigname FROM trio WHERE 1 / (CASE contigname WHEN '20' THEN 0 ELSE 1 END) = 2`,
    `SELECT row_number() OVER () FROM trio WHERE contigname = '20'`,
    `SELECT * FROM helicase_whole_0`,
    `SELECT * FROM helicase_table_0`,
    `SELECT * FROM visible`,
    `SELECT * FROM whole`,
    `WITH visible AS (SELECT 1 AS contigname) SELECT contigname FROM trio WHERE contigname = '20'`,
    `WITH whole AS (SELECT 1 AS contigname) SELECT contigname FROM trio WHERE contigname = '20'`,
    `SELECT * FROM main.information_schema.tables`,
    `SELECT * FROM read_parquet('*')`,
    `SELECT * FROM secret.secret`,
    `SELECT * FROM variant_444455556666_x.secret`,
  ];
  test(`${attempts.length} attempts to see other rows, and errors that would tell of them, leak nothing`, async () => {
    for (const sql of attempts) {
      const { rows, reason } = await asAnn(sql);
      assert.deepEqual(rows.slice(1), [], sql);
      assert.doesNotMatch(reason, /leak|DIVISION|'20'/, sql);
    }
    await room.call('CreatePreparedStatement', {
      WorkGroup: 'primary',
      StatementName: 'peek',
      QueryStatement: 'SELECT contigname FROM trio WHERE contigname = ?',
    });
    assert.deepEqual((await asAnn(`EXECUTE peek USING '20'`)).rows.slice(1), []);
    const plan = await asAnn(`EXPLAIN SELECT contigname FROM trio`);
    assert.doesNotMatch(plan.rows.flat().join('\n'), /part-|\.parquet|scratch/);
  });

  test('a filter that could not be enforced is refused when it is made', async () => {
    for (const condition of [
      '1 = 1) OR (SELECT true',
      '(SELECT count(*) FROM trio) > 0',
      'nothing = 1',
      `getenv('HOME') = ''`,
      'true LIMIT 5',
      'true; DROP TABLE x',
      `true UNION SELECT 1`,
    ]) {
      const data = {
        TableCatalogId: SCOPE.account,
        DatabaseName: 'trio',
        TableName: 'trio',
        Name: 'bad',
        RowFilter: { FilterExpression: condition },
      };
      await assert.rejects(
        room.call('lakeformation:CreateDataCellsFilter', { TableData: data }),
        (error) => error instanceof ServiceError && error.code === 'InvalidInputException',
        condition,
      );
    }
  });

  test('only administrators grant', async () => {
    const input = change({ Table: table });
    await assert.rejects(
      room.call('lakeformation:GrantPermissions', input, SCOPE, ANN),
      /no data lake administrator/,
    );
    await room.call('lakeformation:PutDataLakeSettings', {
      DataLakeSettings: { DataLakeAdmins: [{ DataLakePrincipalIdentifier: ANN.arn }] },
    });
    await room.call('lakeformation:GrantPermissions', input, SCOPE, ANN);
    await room.call('lakeformation:PutDataLakeSettings', { DataLakeSettings: { DataLakeAdmins: [] } });
  });

  test('a shared store is seen only once it is shared and linked', async () => {
    const link = { Name: 'partner', TargetDatabase: { CatalogId: OTHER.account, DatabaseName: 'secret' } };
    await room.call('glue:CreateDatabase', { DatabaseInput: link });
    assert.match((await ask(room, 'SELECT count(*) FROM partner.secret')).reason, /TABLE_NOT_FOUND/);
    shared.add('arn:aws:omics:us-east-1:444455556666:variantStore/secret');
    assert.match((await ask(room, 'SELECT count(*) FROM secret.secret')).reason, /TABLE_NOT_FOUND/);
    assert.ok(Number((await ask(room, 'SELECT count(*) FROM partner.secret')).rows[1]![0]) > 0);
    await room.call('glue:CreateDatabase', { DatabaseInput: { Name: 'desk' } });
    const target = { CatalogId: OTHER.account, DatabaseName: 'secret', Name: 'secret' };
    await room.call('glue:CreateTable', {
      DatabaseName: 'desk',
      TableInput: { Name: 'theirs', TargetTable: target },
    });
    assert.ok(Number((await ask(room, 'SELECT count(*) FROM desk.theirs')).rows[1]![0]) > 0);
    shared.clear();
    assert.match((await ask(room, 'SELECT count(*) FROM desk.theirs')).reason, /TABLE_NOT_FOUND/);
    const named = async (Expression: string) => {
      const input = { DatabaseName: 'trio', Expression };
      return (await room.call<GetTablesResponse>('glue:GetTables', input)).TableList!.map(({ Name }) => Name);
    };
    for (const expression of ['trio', 'TR*', 't.*o', '(a|t)rio'])
      assert.deepEqual(await named(expression), ['trio'], expression);
    assert.deepEqual(await named('rio'), []);
    await assert.rejects(named('(trio'), { code: 'InvalidInputException' });
    await room.call('glue:DeleteDatabase', { Name: 'partner' });
    await assert.rejects(room.call('glue:DeleteDatabase', { Name: 'trio' }), /belongs to a store/);
  });
});
