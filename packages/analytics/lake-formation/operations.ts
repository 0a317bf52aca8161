import type {
  BatchGrantPermissionsRequest,
  BatchGrantPermissionsResponse,
  BatchRevokePermissionsRequest,
  DataCellsFilter,
  DataLakePrincipal,
  CreateDataCellsFilterRequest,
  DeleteDataCellsFilterRequest,
  GetDataCellsFilterRequest,
  GetDataCellsFilterResponse,
  GetDataLakeSettingsResponse,
  GrantPermissionsRequest,
  ListDataCellsFilterRequest,
  ListDataCellsFilterResponse,
  ListPermissionsRequest,
  ListPermissionsResponse,
  Permission,
  PutDataLakeSettingsRequest,
  RevokePermissionsRequest,
  UpdateDataCellsFilterRequest,
} from '@aws-sdk/client-lakeformation';
import { type Scope, ServiceError } from '@helicase/kernel';
import { UniqueViolation } from '@helicase/records';
import type { AnyOperation, OperationContext, PageTokens } from '@helicase/wire';
import { entriesOf, type Handler } from '../entry.ts';
import { page } from '../page.ts';
import { lakeErrors } from './errors.ts';
import {
  type Change,
  checkAdministrator,
  grant,
  type LakePorts,
  putSettings,
  revoke,
  settingsOf,
} from './grants.ts';
import { ALLOWED_BY_IAM, type FilterDoc, resourceKey } from './model.ts';
import { columnChoice, describedColumns, describedResource, grantedResource } from './requests.ts';

export interface LakeOperationPorts extends LakePorts {
  readonly pageTokens: PageTokens;
  /** Refuses a row filter's condition that could not be enforced. */
  readonly checkCondition: (scope: Scope, filter: FilterDoc) => Promise<void>;
}

const PAGE = 100;

export function lakeOperations(ports: LakeOperationPorts): AnyOperation[] {
  const open = entriesOf('lakeformation', 'lake-formation', () => ['*']);
  const entry = <Input extends object, Output>(
    name: string,
    readOnly: boolean,
    handler: Handler<Input, Output>,
  ) =>
    open<Input, Output>(name, readOnly, async (input, context) => {
      await checkAdministrator(ports, context);
      return handler(input, context);
    });
  const changed =
    (apply: typeof grant) =>
    async (input: Change, { scope }: OperationContext) => {
      await ports.records.transaction((tx) => apply(ports, tx, scope, input));
      return {};
    };
  return [
    entry<GrantPermissionsRequest, object>('GrantPermissions', false, changed(grant)),
    entry<RevokePermissionsRequest, object>('RevokePermissions', false, changed(revoke)),
    entry<BatchGrantPermissionsRequest, BatchGrantPermissionsResponse>(
      'BatchGrantPermissions',
      false,
      (input, context) => batch(ports, grant, input, context),
    ),
    entry<BatchRevokePermissionsRequest, BatchGrantPermissionsResponse>(
      'BatchRevokePermissions',
      false,
      (input, context) => batch(ports, revoke, input, context),
    ),
    entry<ListPermissionsRequest, ListPermissionsResponse>('ListPermissions', true, (input, context) =>
      listPermissions(ports, input, context),
    ),
    entry<object, GetDataLakeSettingsResponse>('GetDataLakeSettings', true, (_, context) =>
      getSettings(ports, context),
    ),
    entry<PutDataLakeSettingsRequest, object>('PutDataLakeSettings', false, (input, context) =>
      setSettings(ports, input, context),
    ),
    entry<CreateDataCellsFilterRequest, object>('CreateDataCellsFilter', false, (input, context) =>
      createFilter(ports, input, context),
    ),
    entry<UpdateDataCellsFilterRequest, object>('UpdateDataCellsFilter', false, (input, context) =>
      updateFilter(ports, input, context),
    ),
    entry<GetDataCellsFilterRequest, GetDataCellsFilterResponse>(
      'GetDataCellsFilter',
      true,
      (input, context) => getFilter(ports, input, context),
    ),
    entry<ListDataCellsFilterRequest, ListDataCellsFilterResponse>(
      'ListDataCellsFilter',
      true,
      (input, context) => listFilters(ports, input, context),
    ),
    entry<DeleteDataCellsFilterRequest, object>('DeleteDataCellsFilter', false, (input, context) =>
      deleteFilter(ports, input, context),
    ),
  ];
}

/** Each entry on its own: those that fail are answered. */
async function batch(
  ports: LakePorts,
  apply: typeof grant,
  { Entries = [] }: BatchGrantPermissionsRequest | BatchRevokePermissionsRequest,
  { scope }: OperationContext,
): Promise<BatchGrantPermissionsResponse> {
  const failures: NonNullable<BatchGrantPermissionsResponse['Failures']> = [];
  for (const entry of Entries) {
    try {
      await ports.records.transaction((tx) => apply(ports, tx, scope, entry));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failures.push({ RequestEntry: entry, Error: { ErrorCode: error.code, ErrorMessage: error.message } });
    }
  }
  return { Failures: failures };
}

async function listPermissions(
  ports: LakeOperationPorts,
  input: ListPermissionsRequest,
  { scope }: OperationContext,
): Promise<ListPermissionsResponse> {
  const principal = input.Principal?.DataLakePrincipalIdentifier;
  const key = input.Resource ? resourceKey(grantedResource(input.Resource)) : undefined;
  const found = await page(ports, scope, {
    operation: 'ListPermissions',
    filter: [principal, key],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE,
    list: (window) =>
      ports.grants.list(ports.records.direct, scope, {
        ...window,
        where: { ...(principal ? { principal } : {}), ...(key ? { key } : {}) },
      }),
  });
  return {
    PrincipalResourcePermissions: found.rows.map(({ doc }) => ({
      Principal: { DataLakePrincipalIdentifier: doc.principal },
      Resource: describedResource(doc.resource, scope.account),
      Permissions: doc.permissions as Permission[],
      PermissionsWithGrantOption: doc.grantable as Permission[],
    })),
    NextToken: found.nextToken,
  };
}

async function getSettings(
  ports: LakePorts,
  { scope }: OperationContext,
): Promise<GetDataLakeSettingsResponse> {
  const { admins, open } = await settingsOf(ports, ports.records.direct, scope);
  const byIam = open
    ? [{ Principal: { DataLakePrincipalIdentifier: ALLOWED_BY_IAM }, Permissions: ['ALL' as const] }]
    : [];
  return {
    DataLakeSettings: {
      DataLakeAdmins: admins.map((arn) => ({ DataLakePrincipalIdentifier: arn })),
      CreateDatabaseDefaultPermissions: byIam,
      CreateTableDefaultPermissions: byIam,
    },
  };
}

async function setSettings(
  ports: LakePorts,
  { DataLakeSettings = {} }: Partial<PutDataLakeSettingsRequest>,
  { scope }: OperationContext,
) {
  const admins = (DataLakeSettings.DataLakeAdmins ?? []).flatMap(
    ({ DataLakePrincipalIdentifier: arn }: DataLakePrincipal) => arn ?? [],
  );
  const defaults = DataLakeSettings.CreateTableDefaultPermissions;
  const isOpen = defaults?.some(({ Principal }) => Principal?.DataLakePrincipalIdentifier === ALLOWED_BY_IAM);
  await ports.records.transaction((tx) =>
    putSettings(ports, tx, scope, (doc) => {
      const open = defaults === undefined ? doc.open : isOpen === true;
      return { admins, open, exceptions: open === doc.open ? doc.exceptions : [] };
    }),
  );
  return {};
}

function filterId({ database, table, name }: Pick<FilterDoc, 'database' | 'table' | 'name'>): string {
  return `${database}/${table}/${name}`;
}

async function filterDoc(
  ports: LakeOperationPorts,
  scope: Scope,
  data: DataCellsFilter | undefined,
): Promise<FilterDoc> {
  const { DatabaseName, TableName, Name, RowFilter, ColumnNames, ColumnWildcard } = data ?? {};
  const rows = RowFilter?.FilterExpression;
  const doc: FilterDoc = {
    database: (DatabaseName ?? '').toLowerCase(),
    table: (TableName ?? '').toLowerCase(),
    name: Name ?? '',
    rows,
    columns: columnChoice(ColumnNames, ColumnWildcard),
  };
  await ports.checkCondition(scope, doc);
  return doc;
}

async function createFilter(
  ports: LakeOperationPorts,
  { TableData }: CreateDataCellsFilterRequest,
  { scope }: OperationContext,
) {
  const doc = await filterDoc(ports, scope, TableData);
  try {
    await ports.records.transaction((tx) =>
      ports.filters.insert(tx, { scope, id: filterId(doc), status: 'ACTIVE', doc }),
    );
  } catch (error) {
    throw error instanceof UniqueViolation ? lakeErrors.filterExists({ name: doc.name }) : error;
  }
  return {};
}

async function updateFilter(
  ports: LakeOperationPorts,
  { TableData }: UpdateDataCellsFilterRequest,
  { scope }: OperationContext,
) {
  const doc = await filterDoc(ports, scope, TableData);
  await ports.records.transaction(async (tx) => {
    if (!(await ports.filters.hold(tx, scope, filterId(doc)))) throw lakeErrors.filterNotFound({ ...doc });
    await ports.filters.update(tx, scope, filterId(doc), () => doc);
  });
  return {};
}

interface NamedFilter {
  readonly DatabaseName?: string | undefined;
  readonly TableName?: string | undefined;
  readonly Name?: string | undefined;
}

async function existing(
  ports: LakePorts,
  input: NamedFilter,
  { scope }: OperationContext,
): Promise<FilterDoc> {
  const name = {
    database: (input.DatabaseName ?? '').toLowerCase(),
    table: (input.TableName ?? '').toLowerCase(),
    name: input.Name ?? '',
  };
  const found = await ports.filters.find(ports.records.direct, scope, filterId(name));
  if (!found) throw lakeErrors.filterNotFound(name);
  return found.doc;
}

async function getFilter(
  ports: LakePorts,
  input: GetDataCellsFilterRequest,
  context: OperationContext,
): Promise<GetDataCellsFilterResponse> {
  return { DataCellsFilter: describedFilter(await existing(ports, input, context), context.scope.account) };
}

async function deleteFilter(
  ports: LakePorts,
  input: DeleteDataCellsFilterRequest,
  context: OperationContext,
) {
  const doc = await existing(ports, input, context);
  await ports.records.transaction((tx) => ports.filters.remove(tx, context.scope, filterId(doc)));
  return {};
}

async function listFilters(
  ports: LakeOperationPorts,
  input: ListDataCellsFilterRequest,
  { scope }: OperationContext,
): Promise<ListDataCellsFilterResponse> {
  const { DatabaseName, Name } = input.Table ?? {};
  const found = await page(ports, scope, {
    operation: 'ListDataCellsFilter',
    filter: [DatabaseName, Name],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE,
    list: (window) => ports.filters.list(ports.records.direct, scope, window),
  });
  const rows = found.rows.filter(
    ({ doc }) =>
      (!DatabaseName || doc.database === DatabaseName.toLowerCase()) &&
      (!Name || doc.table === Name.toLowerCase()),
  );
  return {
    DataCellsFilters: rows.map(({ doc }) => describedFilter(doc, scope.account)),
    NextToken: found.nextToken,
  };
}

function describedFilter(
  { database, table, name, rows, columns }: FilterDoc,
  account: string,
): DataCellsFilter {
  return {
    ...{ TableCatalogId: account, DatabaseName: database, TableName: table, Name: name },
    RowFilter: rows === undefined ? { AllRowsWildcard: {} } : { FilterExpression: rows },
    ...describedColumns(columns),
  };
}
