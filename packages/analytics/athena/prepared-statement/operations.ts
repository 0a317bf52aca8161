import type {
  BatchGetPreparedStatementInput,
  BatchGetPreparedStatementOutput,
  CreatePreparedStatementInput,
  DeletePreparedStatementInput,
  GetPreparedStatementInput,
  GetPreparedStatementOutput,
  ListPreparedStatementsInput,
  ListPreparedStatementsOutput,
  PreparedStatement as PreparedStatementOutput,
  UpdatePreparedStatementInput,
} from '@aws-sdk/client-athena';
import type { Ids, Scope } from '@helicase/kernel';
import { type Records, type Transaction, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { page } from '../../page.ts';
import { athenaErrors } from '../errors.ts';
import { findWorkGroup, workGroupArn, type WorkGroups } from '../work-group/model.ts';
import { findPrepared, type PreparedStatement, type PreparedStatements } from './model.ts';

export interface PreparedStatementPorts {
  readonly records: Records;
  readonly workGroups: WorkGroups;
  readonly prepared: PreparedStatements;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
}

const PAGE = 50;

export function preparedStatementOperations(ports: PreparedStatementPorts): AnyOperation[] {
  const common = {
    resources: (input: { WorkGroup?: string | undefined }, { scope }: OperationContext) => [
      workGroupArn(scope, input.WorkGroup),
    ],
    quota: 'athena-prepared-statement',
  };
  const [read, write] = [
    { ...common, readOnly: true },
    { ...common, readOnly: false },
  ];
  return [
    defineOperation<CreatePreparedStatementInput, object>({
      ...write,
      name: 'CreatePreparedStatement',
      action: 'athena:CreatePreparedStatement',
      handler: async (input, { scope }) => {
        const [name, query] = [input.StatementName!, input.QueryStatement!];
        await ports.records.transaction((tx) =>
          insertPrepared(ports, tx, scope, input.WorkGroup!, {
            name,
            query,
            description: input.Description ?? '',
          }),
        );
        return {};
      },
    }),
    defineOperation<GetPreparedStatementInput, GetPreparedStatementOutput>({
      ...read,
      name: 'GetPreparedStatement',
      action: 'athena:GetPreparedStatement',
      handler: async (input, { scope }) => ({
        PreparedStatement: described(
          await existing(ports, ports.records.direct, scope, input.WorkGroup!, input.StatementName!),
        ),
      }),
    }),
    defineOperation<BatchGetPreparedStatementInput, BatchGetPreparedStatementOutput>({
      ...read,
      name: 'BatchGetPreparedStatement',
      action: 'athena:BatchGetPreparedStatement',
      handler: (input, context) => batchGet(ports, input, context),
    }),
    defineOperation<ListPreparedStatementsInput, ListPreparedStatementsOutput>({
      ...read,
      name: 'ListPreparedStatements',
      action: 'athena:ListPreparedStatements',
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<UpdatePreparedStatementInput, object>({
      ...write,
      name: 'UpdatePreparedStatement',
      action: 'athena:UpdatePreparedStatement',
      handler: async (input, { scope }) => {
        await ports.records.transaction(async (tx) => {
          const { id } = await existing(ports, tx, scope, input.WorkGroup!, input.StatementName!);
          await ports.prepared.update(tx, scope, id, (doc) => ({
            ...doc,
            query: input.QueryStatement!,
            description: input.Description ?? doc.description,
          }));
        });
        return {};
      },
    }),
    defineOperation<DeletePreparedStatementInput, object>({
      ...write,
      name: 'DeletePreparedStatement',
      action: 'athena:DeletePreparedStatement',
      handler: async (input, { scope }) => {
        await ports.records.transaction((tx) =>
          removePrepared(ports, tx, scope, input.WorkGroup!, input.StatementName!),
        );
        return {};
      },
    }),
  ];
}

export async function insertPrepared(
  ports: Pick<PreparedStatementPorts, 'workGroups' | 'prepared' | 'ids'>,
  tx: Transaction,
  scope: Scope,
  workGroup: string,
  doc: PreparedStatement['doc'],
): Promise<void> {
  await findWorkGroup(ports.workGroups, tx, scope, workGroup);
  try {
    await ports.prepared.insert(tx, {
      scope,
      id: ports.ids.uuid(),
      parent: workGroup,
      status: 'ACTIVE',
      doc,
    });
  } catch (error) {
    throw error instanceof UniqueViolation ? athenaErrors.preparedExists({ name: doc.name }) : error;
  }
}

export async function removePrepared(
  ports: Pick<PreparedStatementPorts, 'prepared'>,
  tx: Transaction,
  scope: Scope,
  workGroup: string,
  name: string,
): Promise<void> {
  const { id } = await existing(ports, tx, scope, workGroup, name);
  await ports.prepared.remove(tx, scope, id);
}

async function existing(
  { prepared }: Pick<PreparedStatementPorts, 'prepared'>,
  tx: Transaction,
  scope: Scope,
  workGroup: string,
  name: string,
): Promise<PreparedStatement> {
  const found = await findPrepared(prepared, tx, scope, workGroup, name);
  if (!found) throw athenaErrors.preparedNotFound({ name, workGroup });
  return found;
}

async function batchGet(
  ports: PreparedStatementPorts,
  input: BatchGetPreparedStatementInput,
  { scope }: OperationContext,
): Promise<BatchGetPreparedStatementOutput> {
  const names = input.PreparedStatementNames ?? [];
  const { rows } = await ports.prepared.list(ports.records.direct, scope, {
    parent: input.WorkGroup!,
    where: { name: names },
    limit: Math.max(1, names.length),
  });
  const found = new Set(rows.map(({ doc }) => doc.name));
  return {
    PreparedStatements: rows.map(described),
    UnprocessedPreparedStatementNames: names
      .filter((name) => !found.has(name))
      .map((name) => ({
        StatementName: name,
        ErrorCode: 'STATEMENT_NOT_FOUND',
        ErrorMessage: `PreparedStatement ${name} was not found`,
      })),
  };
}

async function list(
  ports: PreparedStatementPorts,
  input: ListPreparedStatementsInput,
  { scope }: OperationContext,
): Promise<ListPreparedStatementsOutput> {
  await findWorkGroup(ports.workGroups, ports.records.direct, scope, input.WorkGroup);
  const found = await page(ports, scope, {
    operation: 'ListPreparedStatements',
    filter: input.WorkGroup,
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE,
    list: (window) =>
      ports.prepared.list(ports.records.direct, scope, { ...window, parent: input.WorkGroup! }),
  });
  const summaries = found.rows.map(({ doc, updatedAt }) => ({
    StatementName: doc.name,
    LastModifiedTime: new Date(updatedAt),
  }));
  return { PreparedStatements: summaries, NextToken: found.nextToken };
}

function described({ parent, updatedAt, doc }: PreparedStatement): PreparedStatementOutput {
  return {
    StatementName: doc.name,
    QueryStatement: doc.query,
    WorkGroupName: parent,
    Description: doc.description,
    LastModifiedTime: new Date(updatedAt),
  };
}
