import { omicsArn, type Scope } from '@helicase/kernel';
import {
  amongNames,
  type Records,
  type Resource,
  type ResourceTable,
  type StateMachine,
  type Transaction,
} from '@helicase/records';

/** Nothing has to be set up, so it is there or not. */
export type ConfigurationStatus = 'ACTIVE';

export const configurationMachine: StateMachine<ConfigurationStatus> = { ACTIVE: {} };

export interface ConfigurationDoc {
  readonly name: string;
  readonly description?: string;
  readonly uuid: string;
  /** As given. A run looks for a subnet that the operator offers; security groups are kept and not looked at. */
  readonly vpcConfig?: {
    readonly securityGroupIds: readonly string[];
    readonly subnetIds: readonly string[];
  };
  readonly tags: Readonly<Record<string, string>>;
}

export type Configuration = Resource<ConfigurationDoc, ConfigurationStatus>;
export type ConfigurationTable = ResourceTable<ConfigurationDoc, ConfigurationStatus, 'name', Transaction>;

export function configurationTable(records: Records): ConfigurationTable {
  return records.resource<ConfigurationDoc, ConfigurationStatus, 'name'>({
    kind: 'run-configuration',
    machine: configurationMachine,
    columns: { name: (doc) => doc.name },
    unique: ['name'],
    tagged: {
      type: 'omics:configuration',
      arn: ({ scope, doc }) => configurationArn(scope, doc.name),
      among: amongNames(/^configuration\/([^/]+)$/),
    },
  });
}

export function configurationArn(scope: Scope, name: string): string {
  return omicsArn(scope, `configuration/${name}`);
}
