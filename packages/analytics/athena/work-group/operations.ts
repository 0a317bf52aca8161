import type { GetWorkGroupInput, GetWorkGroupOutput, ListWorkGroupsOutput } from '@aws-sdk/client-athena';
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { athenaErrors } from '../errors.ts';

/** The one work group there is. It has no output location: each query names its own. */
export const PRIMARY = 'primary';

/** Athena's third version, whose dialect is Trino's: the guide's "Athena query engine version 3". */
export const ENGINE_VERSION = {
  SelectedEngineVersion: 'Athena engine version 3',
  EffectiveEngineVersion: 'Athena engine version 3',
};

export function workGroupArn({ account, region }: Scope, name: string = PRIMARY): string {
  return `arn:aws:athena:${region}:${account}:workgroup/${name}`;
}

export function checkWorkGroup(name: string | undefined): void {
  if (name !== undefined && name !== PRIMARY) throw athenaErrors.unknownWorkGroup({ name });
}

export function workGroupOperations(): AnyOperation[] {
  return [
    defineOperation<GetWorkGroupInput, GetWorkGroupOutput>({
      name: 'GetWorkGroup',
      action: 'athena:GetWorkGroup',
      resources: (input, { scope }) => [workGroupArn(scope, input.WorkGroup)],
      readOnly: true,
      quota: 'athena-work-group',
      handler: async (input) => {
        checkWorkGroup(input.WorkGroup);
        return {
          WorkGroup: {
            Name: PRIMARY,
            State: 'ENABLED',
            Configuration: {
              EnforceWorkGroupConfiguration: false,
              PublishCloudWatchMetricsEnabled: false,
              RequesterPaysEnabled: false,
              EngineVersion: ENGINE_VERSION,
            },
          },
        };
      },
    }),
    defineOperation<object, ListWorkGroupsOutput>({
      name: 'ListWorkGroups',
      action: 'athena:ListWorkGroups',
      resources: (_, { scope }) => [workGroupArn(scope, '*')],
      readOnly: true,
      quota: 'athena-work-group',
      handler: async () => ({
        WorkGroups: [{ Name: PRIMARY, State: 'ENABLED', EngineVersion: ENGINE_VERSION }],
      }),
    }),
  ];
}
