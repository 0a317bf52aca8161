import type {
  BatchGetPartitionRequest,
  BatchGetPartitionResponse,
  CreateDatabaseRequest,
  CreateTableRequest,
  Database,
  DeleteDatabaseRequest,
  DeleteTableRequest,
  GetDatabaseRequest,
  GetDatabaseResponse,
  GetDatabasesRequest,
  GetDatabasesResponse,
  GetPartitionRequest,
  GetPartitionsRequest,
  GetPartitionsResponse,
  GetTableRequest,
  GetTableResponse,
  GetTablesRequest,
  GetTablesResponse,
  GetTableVersionsRequest,
  GetTableVersionsResponse,
  GetUserDefinedFunctionsResponse,
  Table,
  UpdateDatabaseRequest,
} from '@aws-sdk/client-glue';
import type { Actor, Ids, Scope } from '@helicase/kernel';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { UniqueViolation } from '@helicase/records';
import type { AnyOperation, OperationContext, PageTokens } from '@helicase/wire';
import type { CatalogDatabase, DatabaseDoc } from '../catalog/links.ts';
import { namesPage } from '../catalog/names-page.ts';
import { type TablePorts, type VisibleTable, visibleTables } from '../catalog/tables.ts';
import { entriesOf } from '../entry.ts';
import { catalogType } from '../table/type.ts';
import { glueErrors } from './errors.ts';

export interface GluePorts extends TablePorts {
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
  /** Where an open table's current metadata lies; absent where tables are not served in an open format. */
  readonly metadataLocation?: (table: VisibleTable) => Promise<string | undefined>;
}

const PAGE = 100;

export function glueOperations(ports: GluePorts): AnyOperation[] {
  const entry = entriesOf('glue', 'glue-catalog', (input, scope) => glueArns(scope, input));
  return [
    entry<GetDatabasesRequest, GetDatabasesResponse>('GetDatabases', true, (input, context) =>
      getDatabases(ports, input, context),
    ),
    entry<GetDatabaseRequest, GetDatabaseResponse>('GetDatabase', true, async (input, context) => ({
      Database: await findDatabase(ports, input.Name!, context),
    })),
    entry<CreateDatabaseRequest, object>('CreateDatabase', false, (input, context) =>
      createDatabase(ports, input, context),
    ),
    entry<UpdateDatabaseRequest, object>('UpdateDatabase', false, (input, context) =>
      updateDatabase(ports, input, context),
    ),
    entry<DeleteDatabaseRequest, object>('DeleteDatabase', false, (input, context) =>
      deleteDatabase(ports, input, context),
    ),
    entry<GetTablesRequest, GetTablesResponse>('GetTables', true, (input, context) =>
      getTables(ports, input, context),
    ),
    entry<GetTableRequest, GetTableResponse>('GetTable', true, async (input, context) => ({
      Table: await described(ports, await findTable(ports, input.DatabaseName!, input.Name!, context)),
    })),
    entry<CreateTableRequest, object>('CreateTable', false, (input, context) =>
      createTable(ports, input, context),
    ),
    entry<DeleteTableRequest, object>('DeleteTable', false, (input, context) =>
      deleteTable(ports, input, context),
    ),
    entry<GetTableVersionsRequest, GetTableVersionsResponse>(
      'GetTableVersions',
      true,
      async (input, context) => {
        const table = await described(
          ports,
          await findTable(ports, input.DatabaseName!, input.TableName!, context),
        );
        return { TableVersions: [{ Table: table, VersionId: '0' }] };
      },
    ),
    // The tables are not partitioned: their files say what they cover.
    entry<GetPartitionsRequest, GetPartitionsResponse>('GetPartitions', true, async (input, context) => {
      await findTable(ports, input.DatabaseName!, input.TableName!, context);
      return { Partitions: [] };
    }),
    entry<GetPartitionRequest, never>('GetPartition', true, async (input, context) => {
      await findTable(ports, input.DatabaseName!, input.TableName!, context);
      throw glueErrors.partitionNotFound({});
    }),
    entry<BatchGetPartitionRequest, BatchGetPartitionResponse>(
      'BatchGetPartition',
      true,
      async (input, context) => {
        await findTable(ports, input.DatabaseName!, input.TableName!, context);
        return { Partitions: [], UnprocessedKeys: input.PartitionsToGet ?? [] };
      },
    ),
    entry<object, { PartitionIndexDescriptorList: never[] }>('GetPartitionIndexes', true, async () => ({
      PartitionIndexDescriptorList: [],
    })),
    entry<object, GetUserDefinedFunctionsResponse>('GetUserDefinedFunctions', true, async () => ({
      UserDefinedFunctions: [],
    })),
  ];
}

interface NamesCatalog {
  readonly DatabaseName?: string;
  readonly Name?: string;
  readonly TableName?: string;
}

function glueArns(
  { account, region }: Scope,
  { DatabaseName, Name, TableName }: NamesCatalog,
): readonly string[] {
  const arn = (rest: string) => `arn:aws:glue:${region}:${account}:${rest}`;
  const database = DatabaseName ?? (TableName ? undefined : Name);
  const table = DatabaseName ? (TableName ?? Name) : undefined;
  return [
    arn('catalog'),
    ...(database ? [arn(`database/${database}`)] : []),
    ...(database && table ? [arn(`table/${database}/${table}`)] : []),
  ];
}

/** Every database that the caller sees, by its name: of its tables, and those that were made as links. */
async function databasesOf(ports: GluePorts, actor: Actor): Promise<ReadonlyMap<string, Database>> {
  const { scope } = actor;
  const made = await ports.databases.list(ports.records.direct, scope, { limit: 1000 });
  const seen = (await visibleTables(ports, actor)).map(({ database, createdAt }): [string, Database] => [
    database,
    { Name: database, CatalogId: scope.account, CreateTime: new Date(createdAt) },
  ]);
  return new Map([...seen, ...made.rows.map((row): [string, Database] => [row.id, describedDatabase(row)])]);
}

function describedDatabase({ scope, createdAt, doc }: CatalogDatabase): Database {
  const { name, description, parameters, target } = doc;
  return {
    ...{ Name: name, Description: description, Parameters: { ...parameters }, CatalogId: scope.account },
    CreateTime: new Date(createdAt),
    ...(target
      ? {
          TargetDatabase: { CatalogId: target.account, DatabaseName: target.database, Region: target.region },
        }
      : {}),
  };
}

async function getDatabases(
  ports: GluePorts,
  input: GetDatabasesRequest,
  context: OperationContext,
): Promise<GetDatabasesResponse> {
  const byName = await databasesOf(ports, context);
  const list = {
    operation: 'GetDatabases',
    filter: null,
    byName,
    limit: input.MaxResults ?? PAGE,
    token: input.NextToken,
  };
  const { rows, nextToken } = await namesPage(ports, context.scope, list);
  return { DatabaseList: [...rows], NextToken: nextToken };
}

async function findDatabase(ports: GluePorts, name: string, actor: Actor): Promise<Database> {
  const found = (await databasesOf(ports, actor)).get(name.toLowerCase());
  if (!found) throw glueErrors.databaseNotFound({ name });
  return found;
}

async function createDatabase(ports: GluePorts, input: CreateDatabaseRequest, context: OperationContext) {
  const doc = databaseDoc(input, context.scope);
  if ((await databasesOf(ports, context)).has(doc.name)) throw glueErrors.databaseExists({ name: doc.name });
  const row = { scope: context.scope, id: doc.name, status: 'ACTIVE' as const, doc };
  try {
    await ports.records.transaction((tx) => ports.databases.insert(tx, row));
  } catch (error) {
    throw error instanceof UniqueViolation ? glueErrors.databaseExists({ name: doc.name }) : error;
  }
  return {};
}

function databaseDoc(
  { DatabaseInput }: CreateDatabaseRequest | UpdateDatabaseRequest,
  scope: Scope,
): DatabaseDoc {
  const { Name, Description, Parameters, TargetDatabase: target } = DatabaseInput!;
  return {
    name: Name!.toLowerCase(),
    description: Description ?? '',
    parameters: { ...Parameters },
    target: target && {
      account: target.CatalogId ?? scope.account,
      region: target.Region ?? scope.region,
      database: target.DatabaseName!.toLowerCase(),
    },
  };
}

async function updateDatabase(ports: GluePorts, input: UpdateDatabaseRequest, { scope }: OperationContext) {
  const id = input.Name!.toLowerCase();
  await ports.records.transaction(async (tx) => {
    if (!(await ports.databases.hold(tx, scope, id))) throw glueErrors.databaseNotFound({ name: id });
    await ports.databases.update(tx, scope, id, () => ({ ...databaseDoc(input, scope), name: id }));
  });
  return {};
}

async function deleteDatabase(ports: GluePorts, input: DeleteDatabaseRequest, context: OperationContext) {
  const { scope } = context;
  const id = input.Name!.toLowerCase();
  await findDatabase(ports, id, context);
  await ports.records.transaction(async (tx) => {
    if (!(await ports.databases.hold(tx, scope, id))) throw glueErrors.storesOwn({ name: id });
    const { rows } = await ports.tableLinks.list(tx, scope, { parent: id, limit: 1000 });
    for (const link of rows) await ports.tableLinks.remove(tx, scope, link.id);
    await ports.databases.remove(tx, scope, id);
  });
  return {};
}

async function getTables(
  ports: GluePorts,
  input: GetTablesRequest,
  context: OperationContext,
): Promise<GetTablesResponse> {
  const database = input.DatabaseName!.toLowerCase();
  await findDatabase(ports, database, context);
  const wanted = input.Expression ? namePattern(input.Expression) : undefined;
  const tables = (await visibleTables(ports, context)).filter(
    (known) => known.database === database && (!wanted || wanted.matches(known.table)),
  );
  const byName = new Map(tables.map((table) => [table.table, table]));
  const filter = [database, input.Expression];
  const list = {
    operation: 'GetTables',
    filter,
    byName,
    limit: input.MaxResults ?? PAGE,
    token: input.NextToken,
  };
  const { rows, nextToken } = await namesPage(ports, context.scope, list);
  return { TableList: await Promise.all(rows.map((table) => described(ports, table))), NextToken: nextToken };
}

/** A user's expression takes no longer than its text and the names are long, whatever it is: no backtracking. */
function namePattern(expression: string): RE2JS {
  try {
    return RE2JS.compile(expression.replace(/(?<!\.)\*/g, '.*'), RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw error instanceof RE2JSSyntaxException ? glueErrors.badExpression({ expression }) : error;
  }
}

async function findTable(
  ports: GluePorts,
  database: string,
  name: string,
  actor: Actor,
): Promise<VisibleTable> {
  await findDatabase(ports, database, actor);
  const found = (await visibleTables(ports, actor)).find(
    (known) => known.database === database.toLowerCase() && known.table === name.toLowerCase(),
  );
  if (!found) throw glueErrors.tableNotFound({ name });
  return found;
}

async function createTable(ports: GluePorts, input: CreateTableRequest, context: OperationContext) {
  const { scope } = context;
  const parent = input.DatabaseName!.toLowerCase();
  const { Name, TargetTable: target } = input.TableInput!;
  const name = Name!.toLowerCase();
  if (!target) throw glueErrors.onlyLinks({ name });
  await findDatabase(ports, parent, context);
  const doc = {
    name,
    target: {
      account: target.CatalogId ?? scope.account,
      region: target.Region ?? scope.region,
      database: target.DatabaseName!.toLowerCase(),
      table: target.Name!.toLowerCase(),
    },
  };
  await ports.records.transaction(async (tx) => {
    if (!(await ports.databases.hold(tx, scope, parent))) throw glueErrors.storesOwn({ name: parent });
    try {
      await ports.tableLinks.insert(tx, { scope, id: ports.ids.uuid(), parent, status: 'ACTIVE', doc });
    } catch (error) {
      throw error instanceof UniqueViolation ? glueErrors.tableExists({ name }) : error;
    }
  });
  return {};
}

async function deleteTable(ports: GluePorts, input: DeleteTableRequest, context: OperationContext) {
  const { scope } = context;
  const [parent, name] = [input.DatabaseName!.toLowerCase(), input.Name!.toLowerCase()];
  await ports.records.transaction(async (tx) => {
    const { rows } = await ports.tableLinks.list(tx, scope, { parent, where: { name }, limit: 1 });
    const [link] = rows;
    if (link) return ports.tableLinks.remove(tx, scope, link.id);
    await findTable(ports, parent, name, context);
    throw glueErrors.storesOwn({ name });
  });
  return {};
}

async function described(ports: GluePorts, table: VisibleTable): Promise<Table> {
  const location = await ports.metadataLocation?.(table);
  return {
    ...{
      Name: table.table,
      DatabaseName: table.database,
      CatalogId: table.owner.account,
      TableType: 'EXTERNAL_TABLE',
    },
    ...{
      CreateTime: new Date(table.createdAt),
      UpdateTime: new Date(table.createdAt),
      PartitionKeys: [],
      VersionId: '0',
    },
    Parameters: {
      classification: 'parquet',
      ...(location ? { table_type: 'ICEBERG', metadata_location: location } : {}),
    },
    StorageDescriptor: {
      Columns: table.columns.map(({ name, type }) => ({ Name: name, Type: catalogType(type) })),
      ...(location ? { Location: location.replace(/\/metadata\/[^/]*$/, '') } : {}),
      InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  };
}
