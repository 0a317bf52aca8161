import type {
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
  PutLogEventsRequest,
  PutLogEventsResponse,
  StartLiveTailRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { type AnyOperation, defineOperation, type EventStream } from '@helicase/wire';
import { logGroupResource, logGroupName, logStreamArn } from '../log-group/log-group-name.ts';
import type { LogTokens } from '../log-store/log-tokens.ts';
import { filterLogEvents } from './filter-log-events.ts';
import { getLogEvents } from './get-log-events.ts';
import { startLiveTail } from './live-tail.ts';
import { putLogEvents, type PutRoom } from './put-log-events.ts';

export function logEventOperations(room: PutRoom, tokens: LogTokens): readonly AnyOperation[] {
  const { clock, reader } = room;
  return [
    defineOperation<PutLogEventsRequest, PutLogEventsResponse>({
      name: 'PutLogEvents',
      action: 'logs:PutLogEvents',
      resources: (input, { scope }) => [logStreamArn(scope, input.logGroupName!, input.logStreamName!)],
      readOnly: false,
      quota: 'logs-write',
      handler: (input, context) => putLogEvents(room, input, context),
    }),
    defineOperation<GetLogEventsRequest, GetLogEventsResponse>({
      name: 'GetLogEvents',
      action: 'logs:GetLogEvents',
      resources: (input, { scope }) => [logStreamArn(scope, logGroupName(input), input.logStreamName!)],
      readOnly: true,
      quota: 'logs-read',
      handler: (input, context) => getLogEvents(reader, tokens, input, context),
    }),
    defineOperation<FilterLogEventsRequest, FilterLogEventsResponse>({
      name: 'FilterLogEvents',
      action: 'logs:FilterLogEvents',
      resources: (input, { scope }) => [logGroupResource(scope, logGroupName(input))],
      readOnly: true,
      quota: 'logs-read',
      handler: (input, context) => filterLogEvents(reader, tokens, input, context),
    }),
    defineOperation<StartLiveTailRequest, { readonly responseStream: EventStream }>({
      name: 'StartLiveTail',
      action: 'logs:StartLiveTail',
      resources: ({ logGroupIdentifiers = [] }, { scope }) =>
        logGroupIdentifiers.map((logGroupIdentifier) =>
          logGroupResource(scope, logGroupName({ logGroupIdentifier })),
        ),
      readOnly: true,
      quota: 'logs-read',
      handler: async (input, context) => ({
        responseStream: await startLiveTail(reader, clock, input, context),
      }),
    }),
  ];
}
