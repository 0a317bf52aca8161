import type {
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
  StartLiveTailRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type EventStream } from '@helicase/wire';
import { logGroupResource, logGroupName, logStreamArn } from '../log-group/log-group-name.ts';
import type { LogReader } from '../log-store/log-reader.ts';
import type { LogTokens } from '../log-store/log-tokens.ts';
import { filterLogEvents } from './filter-log-events.ts';
import { getLogEvents } from './get-log-events.ts';
import { startLiveTail } from './live-tail.ts';

export function logEventOperations(
  reader: LogReader,
  tokens: LogTokens,
  clock: Clock,
): readonly AnyOperation[] {
  return [
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
