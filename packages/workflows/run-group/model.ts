import { omicsArn, type Scope } from '@helicase/kernel';
import {
  amongIds,
  type Records,
  type Resource,
  type ResourceTable,
  type StateMachine,
  type Transaction,
} from '@helicase/records';

/** The API shows no status; there is one way to be. */
export type RunGroupStatus = 'ACTIVE';

export const runGroupMachine: StateMachine<RunGroupStatus> = { ACTIVE: {} };

export interface RunGroupDoc {
  readonly name?: string;
  readonly maxCpus?: number;
  readonly maxGpus?: number;
  readonly maxRuns?: number;
  /** Minutes. */
  readonly maxDuration?: number;
  readonly tags: Readonly<Record<string, string>>;
}

export type RunGroup = Resource<RunGroupDoc, RunGroupStatus>;
export type RunGroupTable = ResourceTable<RunGroupDoc, RunGroupStatus, 'name', Transaction>;

export function runGroupTable(records: Records): RunGroupTable {
  return records.resource<RunGroupDoc, RunGroupStatus, 'name'>({
    kind: 'run-group',
    machine: runGroupMachine,
    columns: { name: (doc) => doc.name ?? null },
    announced: {
      detailType: 'Run Group Status Change',
      arn: ({ scope, id }) => runGroupArn(scope, id),
      detail: ({ id }) => ({ id }),
    },
    tagged: {
      type: 'omics:runGroup',
      arn: ({ scope, id }) => runGroupArn(scope, id),
      among: amongIds(/^runGroup\/([0-9]+)$/),
    },
  });
}

export function runGroupArn(scope: Scope, id: string): string {
  return omicsArn(scope, `runGroup/${id}`);
}
