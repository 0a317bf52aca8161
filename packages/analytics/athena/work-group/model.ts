import type { Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { athenaErrors } from '../errors.ts';

/** The work group that every account has. */
export const PRIMARY = 'primary';

export type WorkGroupState = 'ENABLED' | 'DISABLED';

export interface WorkGroupDoc {
  readonly description: string;
  /** Where results go: by default, or whatever a query says where the configuration is enforced. */
  readonly outputLocation: string | undefined;
  readonly enforced: boolean;
  /** A query that would read more is refused. */
  readonly scanLimit: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export type WorkGroup = Resource<WorkGroupDoc, WorkGroupState>;
export type WorkGroups = ResourceTable<WorkGroupDoc, WorkGroupState, never, Transaction>;

export function declareWorkGroups(records: Records): WorkGroups {
  return records.resource<WorkGroupDoc, WorkGroupState>({
    kind: 'work-group',
    machine: {
      ENABLED: { DISABLED: 'disabled by the user' },
      DISABLED: { ENABLED: 'enabled by the user' },
    },
  });
}

const DEFAULTS: WorkGroupDoc = {
  description: '',
  outputLocation: undefined,
  enforced: false,
  scanLimit: undefined,
  tags: {},
};

/** The group by its name; `primary` is there before anybody changed it. */
export async function findWorkGroup(
  groups: WorkGroups,
  tx: Transaction,
  scope: Scope,
  name: string = PRIMARY,
): Promise<WorkGroup> {
  const found = await groups.find(tx, scope, name);
  if (found) return found;
  if (name !== PRIMARY) throw athenaErrors.unknownWorkGroup({ name });
  return {
    scope,
    id: PRIMARY,
    parent: '',
    status: 'ENABLED',
    statusMessage: undefined,
    createdAt: 0,
    updatedAt: 0,
    revision: 0,
    doc: DEFAULTS,
  };
}

export function workGroupArn({ account, region }: Scope, name: string = PRIMARY): string {
  return `arn:aws:athena:${region}:${account}:workgroup/${name}`;
}
