import type {
  CreateWorkGroupInput,
  DeleteWorkGroupInput,
  GetWorkGroupInput,
  GetWorkGroupOutput,
  ListEngineVersionsOutput,
  ListWorkGroupsInput,
  ListWorkGroupsOutput,
  UpdateWorkGroupInput,
  WorkGroup as WorkGroupOutput,
  WorkGroupConfiguration,
} from '@aws-sdk/client-athena';
import { parseS3Uri } from '@helicase/blobs';
import { type Records, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { page } from '../../page.ts';
import { athenaErrors } from '../errors.ts';
import type { NamedQueries } from '../named-query/model.ts';
import type { PreparedStatements } from '../prepared-statement/model.ts';
import {
  findWorkGroup,
  PRIMARY,
  type WorkGroup,
  workGroupArn,
  type WorkGroupDoc,
  type WorkGroups,
} from './model.ts';

export interface WorkGroupPorts {
  readonly records: Records;
  readonly workGroups: WorkGroups;
  readonly namedQueries: NamedQueries;
  readonly prepared: PreparedStatements;
  readonly pageTokens: PageTokens;
}

/** Athena's third version, whose dialect is Trino's: the guide's "Athena query engine version 3". */
const VERSION_3 = 'Athena engine version 3';
export const ENGINE_VERSION = { SelectedEngineVersion: VERSION_3, EffectiveEngineVersion: VERSION_3 };
const PAGE = 50;

export function workGroupOperations(ports: WorkGroupPorts): AnyOperation[] {
  const quota = 'athena-work-group';
  return [
    defineOperation<CreateWorkGroupInput, object>({
      name: 'CreateWorkGroup',
      action: 'athena:CreateWorkGroup',
      resources: (input, { scope }) => [workGroupArn(scope, input.Name)],
      readOnly: false,
      quota,
      handler: (input, context) => create(ports, input, context),
    }),
    defineOperation<GetWorkGroupInput, GetWorkGroupOutput>({
      name: 'GetWorkGroup',
      action: 'athena:GetWorkGroup',
      resources: (input, { scope }) => [workGroupArn(scope, input.WorkGroup)],
      readOnly: true,
      quota,
      handler: async (input, { scope }) => ({
        WorkGroup: described(
          await findWorkGroup(ports.workGroups, ports.records.direct, scope, input.WorkGroup),
        ),
      }),
    }),
    defineOperation<UpdateWorkGroupInput, object>({
      name: 'UpdateWorkGroup',
      action: 'athena:UpdateWorkGroup',
      resources: (input, { scope }) => [workGroupArn(scope, input.WorkGroup)],
      readOnly: false,
      quota,
      handler: (input, context) => update(ports, input, context),
    }),
    defineOperation<DeleteWorkGroupInput, object>({
      name: 'DeleteWorkGroup',
      action: 'athena:DeleteWorkGroup',
      resources: (input, { scope }) => [workGroupArn(scope, input.WorkGroup)],
      readOnly: false,
      quota,
      handler: (input, context) => remove(ports, input, context),
    }),
    defineOperation<ListWorkGroupsInput, ListWorkGroupsOutput>({
      name: 'ListWorkGroups',
      action: 'athena:ListWorkGroups',
      resources: (_, { scope }) => [workGroupArn(scope, '*')],
      readOnly: true,
      quota,
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<object, ListEngineVersionsOutput>({
      name: 'ListEngineVersions',
      action: 'athena:ListEngineVersions',
      resources: () => ['*'],
      readOnly: true,
      quota,
      handler: async () => ({ EngineVersions: [ENGINE_VERSION] }),
    }),
  ];
}

async function create(ports: WorkGroupPorts, input: CreateWorkGroupInput, { scope }: OperationContext) {
  const name = input.Name!;
  if (name === PRIMARY) throw athenaErrors.workGroupExists({ name });
  const {
    ResultConfiguration: result,
    EnforceWorkGroupConfiguration,
    BytesScannedCutoffPerQuery,
  } = input.Configuration ?? {};
  checkEngine(input.Configuration?.EngineVersion?.SelectedEngineVersion);
  checkLocation(result?.OutputLocation);
  const doc: WorkGroupDoc = {
    description: input.Description ?? '',
    outputLocation: result?.OutputLocation,
    // As Athena has it where nothing is said.
    enforced: EnforceWorkGroupConfiguration ?? true,
    scanLimit: BytesScannedCutoffPerQuery,
    tags: Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key!, Value ?? ''])),
  };
  try {
    await ports.records.transaction((tx) =>
      ports.workGroups.insert(tx, { scope, id: name, status: 'ENABLED', doc }),
    );
  } catch (error) {
    throw error instanceof UniqueViolation ? athenaErrors.workGroupExists({ name }) : error;
  }
  return {};
}

async function update(ports: WorkGroupPorts, input: UpdateWorkGroupInput, { scope }: OperationContext) {
  const updates = input.ConfigurationUpdates ?? {};
  checkEngine(updates.EngineVersion?.SelectedEngineVersion);
  checkLocation(updates.ResultConfigurationUpdates?.OutputLocation);
  await ports.records.transaction(async (tx) => {
    const group = await findWorkGroup(ports.workGroups, tx, scope, input.WorkGroup);
    if (group.revision === 0)
      await ports.workGroups.insert(tx, { scope, id: PRIMARY, status: 'ENABLED', doc: group.doc });
    await ports.workGroups.update(tx, scope, group.id, (doc) => updated(doc, input));
    if (input.State && input.State !== group.status)
      await ports.workGroups.transition(tx, scope, group.id, input.State);
  });
  return {};
}

function updated(
  doc: WorkGroupDoc,
  { Description, ConfigurationUpdates: updates = {} }: UpdateWorkGroupInput,
): WorkGroupDoc {
  const { OutputLocation, RemoveOutputLocation } = updates.ResultConfigurationUpdates ?? {};
  return {
    ...doc,
    description: Description ?? doc.description,
    outputLocation: RemoveOutputLocation ? undefined : (OutputLocation ?? doc.outputLocation),
    enforced: updates.EnforceWorkGroupConfiguration ?? doc.enforced,
    scanLimit: updates.RemoveBytesScannedCutoffPerQuery
      ? undefined
      : (updates.BytesScannedCutoffPerQuery ?? doc.scanLimit),
  };
}

async function remove(ports: WorkGroupPorts, input: DeleteWorkGroupInput, { scope }: OperationContext) {
  const name = input.WorkGroup!;
  if (name === PRIMARY) throw athenaErrors.primaryStays({});
  await ports.records.transaction(async (tx) => {
    await findWorkGroup(ports.workGroups, tx, scope, name);
    const window = { parent: name, limit: 1000 };
    const named = (await ports.namedQueries.list(tx, scope, window)).rows;
    const prepared = (await ports.prepared.list(tx, scope, window)).rows;
    if (named.length + prepared.length > 0 && !input.RecursiveDeleteOption)
      throw athenaErrors.workGroupNotEmpty({ name });
    for (const { id } of named) await ports.namedQueries.remove(tx, scope, id);
    for (const { id } of prepared) await ports.prepared.remove(tx, scope, id);
    await ports.workGroups.remove(tx, scope, name);
  });
  return {};
}

async function list(
  ports: WorkGroupPorts,
  input: ListWorkGroupsInput,
  { scope }: OperationContext,
): Promise<ListWorkGroupsOutput> {
  const found = await page(ports, scope, {
    operation: 'ListWorkGroups',
    filter: null,
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE,
    list: (window) => ports.workGroups.list(ports.records.direct, scope, window),
  });
  const isFirst = input.NextToken === undefined;
  const primary = await findWorkGroup(ports.workGroups, ports.records.direct, scope);
  // It leads the first page, until it is changed and has a row of its own.
  const rows = isFirst && primary.revision === 0 ? [primary, ...found.rows] : found.rows;
  return {
    WorkGroups: rows.map((group) => ({
      Name: group.id,
      State: group.status,
      Description: group.doc.description,
      CreationTime: new Date(group.createdAt),
      EngineVersion: ENGINE_VERSION,
    })),
    NextToken: found.nextToken,
  };
}

/** What runs here is version 3; an older one would mean another dialect. */
function checkEngine(version: string | undefined): void {
  if (version === undefined || version === 'AUTO' || version === VERSION_3) return;
  throw athenaErrors.unknownEngine({ version });
}

function checkLocation(location: string | undefined): void {
  if (location !== undefined && !parseS3Uri(location)) throw athenaErrors.badOutputLocation({ location });
}

function described({ id, status, createdAt, doc }: WorkGroup): WorkGroupOutput {
  const configuration: WorkGroupConfiguration = {
    ResultConfiguration: doc.outputLocation ? { OutputLocation: doc.outputLocation } : {},
    EnforceWorkGroupConfiguration: doc.enforced,
    PublishCloudWatchMetricsEnabled: false,
    BytesScannedCutoffPerQuery: doc.scanLimit,
    RequesterPaysEnabled: false,
    EngineVersion: ENGINE_VERSION,
  };
  return {
    Name: id,
    State: status,
    Description: doc.description,
    CreationTime: new Date(createdAt),
    Configuration: configuration,
  };
}
