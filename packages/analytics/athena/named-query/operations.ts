import type {
  BatchGetNamedQueryInput,
  BatchGetNamedQueryOutput,
  CreateNamedQueryInput,
  CreateNamedQueryOutput,
  DeleteNamedQueryInput,
  GetNamedQueryInput,
  GetNamedQueryOutput,
  ListNamedQueriesInput,
  ListNamedQueriesOutput,
  NamedQuery as NamedQueryOutput,
  UpdateNamedQueryInput,
} from '@aws-sdk/client-athena';
import type { Ids } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { page } from '../../page.ts';
import { athenaErrors } from '../errors.ts';
import { findWorkGroup, PRIMARY, workGroupArn, type WorkGroups } from '../work-group/model.ts';
import type { NamedQueries, NamedQuery } from './model.ts';

export interface NamedQueryPorts {
  readonly records: Records;
  readonly workGroups: WorkGroups;
  readonly namedQueries: NamedQueries;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
}

const PAGE = 50;

export function namedQueryOperations(ports: NamedQueryPorts): AnyOperation[] {
  const common = {
    resources: (_: object, { scope }: OperationContext) => [workGroupArn(scope, '*')],
    quota: 'athena-named-query',
  };
  const [read, write] = [
    { ...common, readOnly: true },
    { ...common, readOnly: false },
  ];
  return [
    defineOperation<CreateNamedQueryInput, CreateNamedQueryOutput>({
      ...write,
      name: 'CreateNamedQuery',
      action: 'athena:CreateNamedQuery',
      handler: (input, context) => create(ports, input, context),
    }),
    defineOperation<GetNamedQueryInput, GetNamedQueryOutput>({
      ...read,
      name: 'GetNamedQuery',
      action: 'athena:GetNamedQuery',
      handler: async (input, context) => ({
        NamedQuery: described(await find(ports, input.NamedQueryId!, context)),
      }),
    }),
    defineOperation<BatchGetNamedQueryInput, BatchGetNamedQueryOutput>({
      ...read,
      name: 'BatchGetNamedQuery',
      action: 'athena:BatchGetNamedQuery',
      handler: (input, context) => batchGet(ports, input.NamedQueryIds!, context),
    }),
    defineOperation<ListNamedQueriesInput, ListNamedQueriesOutput>({
      ...read,
      name: 'ListNamedQueries',
      action: 'athena:ListNamedQueries',
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<UpdateNamedQueryInput, object>({
      ...write,
      name: 'UpdateNamedQuery',
      action: 'athena:UpdateNamedQuery',
      handler: async (input, context) => {
        const { id } = await find(ports, input.NamedQueryId!, context);
        await ports.records.transaction((tx) =>
          ports.namedQueries.update(tx, context.scope, id, (doc) => ({
            ...doc,
            name: input.Name!,
            description: input.Description ?? doc.description,
            query: input.QueryString!,
          })),
        );
        return {};
      },
    }),
    defineOperation<DeleteNamedQueryInput, object>({
      ...write,
      name: 'DeleteNamedQuery',
      action: 'athena:DeleteNamedQuery',
      handler: async (input, context) => {
        const { id } = await find(ports, input.NamedQueryId!, context);
        await ports.records.transaction((tx) => ports.namedQueries.remove(tx, context.scope, id));
        return {};
      },
    }),
  ];
}

async function create(
  ports: NamedQueryPorts,
  input: CreateNamedQueryInput,
  { scope }: OperationContext,
): Promise<CreateNamedQueryOutput> {
  const id = ports.ids.uuid();
  const parent = input.WorkGroup ?? PRIMARY;
  await findWorkGroup(ports.workGroups, ports.records.direct, scope, parent);
  const doc = {
    name: input.Name!,
    description: input.Description ?? '',
    database: input.Database!,
    query: input.QueryString!,
  };
  await ports.records.transaction((tx) =>
    ports.namedQueries.insert(tx, { scope, id, parent, status: 'ACTIVE', doc }),
  );
  return { NamedQueryId: id };
}

async function find(ports: NamedQueryPorts, id: string, { scope }: OperationContext): Promise<NamedQuery> {
  const found = await ports.namedQueries.find(ports.records.direct, scope, id);
  if (!found) throw athenaErrors.namedQueryNotFound({ id });
  return found;
}

async function batchGet(
  ports: NamedQueryPorts,
  ids: readonly string[],
  { scope }: OperationContext,
): Promise<BatchGetNamedQueryOutput> {
  const { rows } = await ports.namedQueries.list(ports.records.direct, scope, { ids, limit: ids.length });
  const found = new Map(rows.map((row) => [row.id, row]));
  return {
    NamedQueries: ids.flatMap((id) => found.get(id) ?? []).map(described),
    UnprocessedNamedQueryIds: ids
      .filter((id) => !found.has(id))
      .map((id) => ({
        NamedQueryId: id,
        ErrorCode: 'NAMED_QUERY_NOT_FOUND',
        ErrorMessage: `NamedQuery ${id} was not found`,
      })),
  };
}

async function list(
  ports: NamedQueryPorts,
  input: ListNamedQueriesInput,
  { scope }: OperationContext,
): Promise<ListNamedQueriesOutput> {
  const parent = input.WorkGroup ?? PRIMARY;
  await findWorkGroup(ports.workGroups, ports.records.direct, scope, parent);
  const found = await page(ports, scope, {
    operation: 'ListNamedQueries',
    filter: parent,
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE,
    list: (window) => ports.namedQueries.list(ports.records.direct, scope, { ...window, parent }),
  });
  return { NamedQueryIds: found.rows.map(({ id }) => id), NextToken: found.nextToken };
}

function described({ id, parent, doc }: NamedQuery): NamedQueryOutput {
  return {
    NamedQueryId: id,
    Name: doc.name,
    Description: doc.description,
    Database: doc.database,
    QueryString: doc.query,
    WorkGroup: parent,
  };
}
