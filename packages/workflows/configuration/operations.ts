import type {
  ConfigurationListItem,
  CreateConfigurationRequest,
  CreateConfigurationResponse,
  DeleteConfigurationRequest,
  GetConfigurationRequest,
  GetConfigurationResponse,
  ListConfigurationsRequest,
  ListConfigurationsResponse,
} from '@aws-sdk/client-omics';
import type { Ids, Scope } from '@helicase/kernel';
import { type Records, type Transaction, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { given } from '../given.ts';
import { listPage } from '../list-page.ts';
import { type RunTable, unfinishedStatuses } from '../run/model.ts';
import {
  type Configuration,
  configurationArn,
  type ConfigurationDoc,
  type ConfigurationTable,
} from './model.ts';

export interface ConfigurationOperationsOptions {
  readonly records: Records;
  readonly configurations: ConfigurationTable;
  readonly runs: RunTable;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
}

export function configurationOperations(options: ConfigurationOperationsOptions): readonly AnyOperation[] {
  const one = (input: { name?: string }, { scope }: OperationContext) => [
    configurationArn(scope, input.name!),
  ];
  const all = (_: object, { scope }: OperationContext) => [configurationArn(scope, '*')];
  return [
    defineOperation<CreateConfigurationRequest, CreateConfigurationResponse>({
      name: 'CreateConfiguration',
      action: 'omics:CreateConfiguration',
      resources: one,
      readOnly: false,
      quota: 'configurations',
      handler: (input, context) => createConfiguration(options, input, context),
    }),
    defineOperation<GetConfigurationRequest, GetConfigurationResponse>({
      name: 'GetConfiguration',
      action: 'omics:GetConfiguration',
      resources: one,
      readOnly: true,
      quota: 'configurations',
      handler: async (input, { scope }) =>
        describe(await findConfiguration(options, options.records.direct, scope, input.name!)),
    }),
    defineOperation<ListConfigurationsRequest, ListConfigurationsResponse>({
      name: 'ListConfigurations',
      action: 'omics:ListConfigurations',
      resources: all,
      readOnly: true,
      quota: 'configurations',
      handler: (input, context) => listConfigurations(options, input, context),
    }),
    defineOperation<DeleteConfigurationRequest, object>({
      name: 'DeleteConfiguration',
      action: 'omics:DeleteConfiguration',
      resources: one,
      readOnly: false,
      quota: 'configurations',
      handler: (input, context) => deleteConfiguration(options, input.name!, context),
    }),
  ];
}

async function createConfiguration(
  options: ConfigurationOperationsOptions,
  { description, name, runConfigurations, tags = {} }: CreateConfigurationRequest,
  { remember, scope }: OperationContext,
): Promise<CreateConfigurationResponse> {
  const { configurations, ids, records } = options;
  const vpc = runConfigurations?.vpcConfig;
  const vpcConfig = vpc && {
    securityGroupIds: vpc.securityGroupIds ?? [],
    subnetIds: vpc.subnetIds ?? [],
  };
  const doc: ConfigurationDoc = { name: name!, uuid: ids.uuid(), tags, ...given({ description, vpcConfig }) };
  try {
    return await records.transaction(async (tx) => {
      const id = ids.numeric();
      const answer = describe(await configurations.insert(tx, { scope, id, status: 'ACTIVE', doc }));
      await remember?.(tx, answer);
      return answer;
    });
  } catch (error) {
    if (error instanceof UniqueViolation) throw errors.configurationExists({ name: name! });
    throw error;
  }
}

export async function findConfiguration(
  { configurations }: { readonly configurations: ConfigurationTable },
  tx: Transaction,
  scope: Scope,
  name: string,
): Promise<Configuration> {
  const { rows } = await configurations.list(tx, scope, { where: { name }, limit: 1 });
  if (!rows[0]) throw errors.configurationNotFound({ name });
  return rows[0];
}

function describe(configuration: Configuration): GetConfigurationResponse {
  const { tags, uuid, vpcConfig } = configuration.doc;
  const ids = vpcConfig && {
    securityGroupIds: [...vpcConfig.securityGroupIds],
    subnetIds: [...vpcConfig.subnetIds],
  };
  return {
    ...toListItem(configuration),
    uuid,
    runConfigurations: ids ? { vpcConfig: ids } : {},
    tags: { ...tags },
  };
}

function toListItem({ createdAt, doc, scope, status }: Configuration): ConfigurationListItem {
  const { description, name } = doc;
  const creationTime = new Date(createdAt);
  return { arn: configurationArn(scope, name), name, description, status, creationTime };
}

async function listConfigurations(
  options: ConfigurationOperationsOptions,
  input: ListConfigurationsRequest,
  { scope }: OperationContext,
): Promise<ListConfigurationsResponse> {
  const { configurations: table, pageTokens: tokens, records } = options;
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListConfigurations', input },
    {},
  );
  return { items: rows.map(toListItem), nextToken };
}

async function deleteConfiguration(
  options: ConfigurationOperationsOptions,
  name: string,
  { scope }: OperationContext,
): Promise<object> {
  await options.records.transaction(async (tx) => {
    const { id } = await findConfiguration(options, tx, scope, name);
    const where = { configurationName: name };
    const count = await options.runs.count(tx, scope, { statuses: unfinishedStatuses, where });
    if (count > 0) throw errors.configurationBusy({ name, count });
    await options.configurations.remove(tx, scope, id);
  });
  return {};
}
