import type { Target } from '@aws-sdk/client-eventbridge';
import type { Scope } from '@helicase/kernel';
import {
  amongIds,
  type Records,
  type Resource,
  type ResourceTable,
  type Transaction,
} from '@helicase/records';

export const DEFAULT_BUS = 'default';

export interface RuleDoc {
  readonly bus: string;
  readonly name: string;
  /** As given. */
  readonly eventPattern: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly targets: readonly Target[];
  readonly tags: Readonly<Record<string, string>>;
}

export type RuleStatus = 'ENABLED' | 'DISABLED';
export type Rule = Resource<RuleDoc, RuleStatus>;
/** Its parent is the bus, its id `<bus>/<name>`. */
export type RuleTable = ResourceTable<RuleDoc, RuleStatus, 'name', Transaction>;

export interface BusDoc {
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
}
/** Its id is its name. The default bus has no row. */
export type BusTable = ResourceTable<BusDoc, 'ACTIVE', never, Transaction>;

export function declareRules(records: Records): RuleTable {
  return records.resource<RuleDoc, RuleStatus, 'name'>({
    kind: 'event-rule',
    machine: { ENABLED: { DISABLED: 'disabled by the user' }, DISABLED: { ENABLED: 'enabled by the user' } },
    columns: { name: (doc) => doc.name },
    tagged: {
      type: 'events:rule',
      arn: ({ scope, doc }) => ruleArn(scope, doc.bus, doc.name),
      among: (resource) => {
        const match = /^rule\/(?:([^/]+)\/)?([^/]+)$/.exec(resource);
        return match ? { ids: [ruleId(match[1] ?? DEFAULT_BUS, match[2]!)] } : undefined;
      },
    },
  });
}

export function declareBuses(records: Records): BusTable {
  return records.resource<BusDoc, 'ACTIVE'>({
    kind: 'event-bus',
    machine: { ACTIVE: {} },
    tagged: {
      type: 'events:event-bus',
      arn: ({ scope, id }) => busArn(scope, id),
      among: amongIds(/^event-bus\/([^/]+)$/),
    },
  });
}

export function ruleId(bus: string, name: string): string {
  return `${bus}/${name}`;
}

export function busArn({ account, region }: Scope, name: string): string {
  return `arn:aws:events:${region}:${account}:event-bus/${name}`;
}

/** Rules of the default bus do not name it. */
export function ruleArn({ account, region }: Scope, bus: string, name: string): string {
  const path = bus === DEFAULT_BUS ? name : `${bus}/${name}`;
  return `arn:aws:events:${region}:${account}:rule/${path}`;
}

/** A bus is named by its name or its ARN. */
export function busName(given: string | undefined): string {
  return given === undefined ? DEFAULT_BUS : given.replace(/^arn:[^/]*:event-bus\//, '');
}
