import type {
  CreateLogGroupRequest,
  CreateLogStreamRequest,
  DeleteLogGroupRequest,
  DeleteLogStreamRequest,
  DeleteRetentionPolicyRequest,
  PutRetentionPolicyRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock, Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import type { LogKeeper } from '../log-store/log-keeper.ts';
import type { LogReader } from '../log-store/log-reader.ts';
import type { LogWriter } from '../log-store/log-writer.ts';
import { logGroupResource, logStreamArn } from './log-group-name.ts';
import { checkTags } from './tag-operations.ts';

/** Days that CloudWatch Logs can keep. */
const DAYS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];

export interface LogGroupRoom {
  readonly reader: LogReader;
  readonly keeper: LogKeeper;
  readonly writer: LogWriter;
  readonly clock: Clock;
}

/** What makes, keeps and removes groups and streams. */
export function groupOperations(room: LogGroupRoom): readonly AnyOperation[] {
  const { clock, keeper } = room;
  const group = ({ logGroupName }: { logGroupName?: string | undefined }, { scope }: OperationContext) => [
    logGroupResource(scope, logGroupName!),
  ];
  const stream = (
    input: { logGroupName?: string | undefined; logStreamName?: string | undefined },
    { scope }: OperationContext,
  ) => [logStreamArn(scope, input.logGroupName!, input.logStreamName!)];
  const ofGroup = { resources: group, readOnly: false, quota: 'logs-write' };
  const ofStream = { ...ofGroup, resources: stream };
  return [
    defineOperation<CreateLogGroupRequest, object>({
      ...{ ...ofGroup, name: 'CreateLogGroup', action: 'logs:CreateLogGroup' },
      async handler({ kmsKeyId, logGroupName, tags = {} }, { scope }) {
        if (kmsKeyId !== undefined) throw errors.groupUnsupported({ member: 'kmsKeyId' });
        checkTags(tags);
        if (await keeper.createGroup(scope, logGroupName!, clock.now(), tags)) return {};
        throw errors.groupExists({});
      },
    }),
    defineOperation<CreateLogStreamRequest, object>({
      ...{ ...ofStream, name: 'CreateLogStream', action: 'logs:CreateLogStream' },
      async handler({ logGroupName, logStreamName }, { scope }) {
        await requireGroup(room, scope, logGroupName!);
        if (await keeper.createStream(scope, logGroupName!, logStreamName!, clock.now())) return {};
        throw errors.streamExists({});
      },
    }),
    defineOperation<DeleteLogGroupRequest, object>({
      ...{ ...ofGroup, name: 'DeleteLogGroup', action: 'logs:DeleteLogGroup' },
      async handler({ logGroupName }, { scope }) {
        await room.writer.flush();
        await requireGroup(room, scope, logGroupName!);
        await keeper.deleteGroup(scope, logGroupName!);
        return {};
      },
    }),
    defineOperation<DeleteLogStreamRequest, object>({
      ...{ ...ofStream, name: 'DeleteLogStream', action: 'logs:DeleteLogStream' },
      async handler({ logGroupName, logStreamName }, { scope }) {
        await room.writer.flush();
        await requireGroup(room, scope, logGroupName!);
        if (!(await room.reader.stream(scope, logGroupName!, logStreamName!)))
          throw errors.streamNotFound({});
        await keeper.deleteStream(scope, logGroupName!, logStreamName!);
        return {};
      },
    }),
    defineOperation<PutRetentionPolicyRequest, object>({
      ...{ ...ofGroup, name: 'PutRetentionPolicy', action: 'logs:PutRetentionPolicy' },
      async handler({ logGroupName, retentionInDays }, { scope }) {
        if (!DAYS.includes(retentionInDays!))
          throw errors.badRetention({ days: retentionInDays!, possible: DAYS.join(', ') });
        await requireGroup(room, scope, logGroupName!);
        await keeper.setRetention(scope, logGroupName!, retentionInDays!);
        return {};
      },
    }),
    defineOperation<DeleteRetentionPolicyRequest, object>({
      ...{ ...ofGroup, name: 'DeleteRetentionPolicy', action: 'logs:DeleteRetentionPolicy' },
      async handler({ logGroupName }, { scope }) {
        await requireGroup(room, scope, logGroupName!);
        await keeper.setRetention(scope, logGroupName!, null);
        return {};
      },
    }),
  ];
}

async function requireGroup({ reader }: LogGroupRoom, scope: Scope, name: string): Promise<void> {
  if (!(await reader.group(scope, name))) throw errors.groupNotFound({});
}
