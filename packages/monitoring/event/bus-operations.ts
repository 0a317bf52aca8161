import type {
  CreateEventBusRequest,
  CreateEventBusResponse,
  DeleteEventBusRequest,
  DescribeEventBusRequest,
  DescribeEventBusResponse,
  EventBus,
  ListEventBusesRequest,
  ListEventBusesResponse,
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { ServiceError } from '@helicase/kernel';
import { type OwnNotice, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { tagsOfList } from '../tag/tag-rules.ts';
import { errors } from './errors.ts';
import type { EventRoom } from './event-room.ts';
import { busArn, busName, DEFAULT_BUS } from './rule.ts';
import { requireBus } from './rule-operations.ts';

const PAGE = 100;

export function busOperations(room: EventRoom): readonly AnyOperation[] {
  const one = (input: { Name?: string }, { scope }: OperationContext) => [busArn(scope, busName(input.Name))];
  return [
    defineOperation<CreateEventBusRequest, CreateEventBusResponse>({
      ...{
        name: 'CreateEventBus',
        action: 'events:CreateEventBus',
        resources: one,
        readOnly: false,
        quota: 'events',
      },
      handler: (input, context) => createBus(room, input, context),
    }),
    defineOperation<DescribeEventBusRequest, DescribeEventBusResponse>({
      ...{
        name: 'DescribeEventBus',
        action: 'events:DescribeEventBus',
        resources: one,
        readOnly: true,
        quota: 'events',
      },
      handler: async (input, { scope }) => {
        const bus = busName(input.Name);
        await requireBus(room, room.records.direct, scope, bus);
        return { Name: bus, Arn: busArn(scope, bus) };
      },
    }),
    defineOperation<ListEventBusesRequest, ListEventBusesResponse>({
      ...{
        name: 'ListEventBuses',
        action: 'events:ListEventBuses',
        resources: () => ['*'],
        readOnly: true,
        quota: 'events',
      },
      handler: (input, context) => listBuses(room, input, context),
    }),
    defineOperation<DeleteEventBusRequest, object>({
      ...{
        name: 'DeleteEventBus',
        action: 'events:DeleteEventBus',
        resources: one,
        readOnly: false,
        quota: 'events',
      },
      handler: (input, context) => deleteBus(room, input.Name!, context),
    }),
    defineOperation<PutEventsRequest, PutEventsResponse>({
      ...{ name: 'PutEvents', action: 'events:PutEvents', readOnly: false, quota: 'events' },
      resources: (input, { scope }) => [
        ...new Set(input.Entries!.map(({ EventBusName }) => busArn(scope, busName(EventBusName)))),
      ],
      handler: (input, context) => putEvents(room, input, context),
    }),
  ];
}

async function createBus(
  { buses, records }: EventRoom,
  { Description, Name, Tags = [] }: CreateEventBusRequest,
  { scope }: OperationContext,
): Promise<CreateEventBusResponse> {
  const bus = Name!;
  if (bus === DEFAULT_BUS) throw errors.busExists({ bus });
  const tags = tagsOfList(Tags);
  const doc = { tags, ...(Description === undefined ? {} : { description: Description }) };
  await buses.insert(records.direct, { scope, id: bus, status: 'ACTIVE', doc }).catch((error: unknown) => {
    throw error instanceof UniqueViolation ? errors.busExists({ bus }) : error;
  });
  return { EventBusArn: busArn(scope, bus) };
}

async function listBuses(
  { buses, pageTokens, records }: EventRoom,
  { Limit, NamePrefix = '', NextToken }: ListEventBusesRequest,
  { scope }: OperationContext,
): Promise<ListEventBusesResponse> {
  const binding = { scope, operation: 'ListEventBuses', filter: NamePrefix };
  const after = NextToken === undefined ? undefined : pageTokens.read(binding, NextToken);
  const page = await buses.list(records.direct, scope, { limit: Limit ?? PAGE, ...(after ? { after } : {}) });
  const names = [...(after ? [] : [DEFAULT_BUS]), ...page.rows.map(({ id }) => id)];
  const EventBuses = names
    .filter((name) => name.startsWith(NamePrefix))
    .map((name): EventBus => ({ Name: name, Arn: busArn(scope, name) }));
  return { EventBuses, NextToken: page.next && pageTokens.issue(binding, page.next) };
}

async function deleteBus(
  { buses, records, rules }: EventRoom,
  bus: string,
  { scope }: OperationContext,
): Promise<object> {
  if (bus === DEFAULT_BUS) throw errors.defaultBus({});
  await records.transaction(async (tx) => {
    const count = await rules.count(tx, scope, { parent: bus });
    if (count > 0) throw errors.busHasRules({ bus, count });
    if (await buses.hold(tx, scope, bus)) await buses.remove(tx, scope, bus);
  });
  return {};
}

/** Each entry for itself, as with AWS: one that is wrong does not keep the others out. */
async function putEvents(
  room: EventRoom,
  { Entries }: PutEventsRequest,
  { scope }: OperationContext,
): Promise<PutEventsResponse> {
  const answers: PutEventsResultEntry[] = [];
  const taken: OwnNotice[] = [];
  const { direct } = room.records;
  for (const entry of Entries!) {
    try {
      const bus = busName(entry.EventBusName);
      await requireBus(room, direct, scope, bus);
      const { DetailType, Resources = [], Source } = entry;
      const detail = checkedDetail(entry);
      const notice = { source: Source!, detailType: DetailType!, resources: Resources, detail, bus };
      const id = room.ids.uuid();
      taken.push({ id, notice });
      answers.push({ EventId: id });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      answers.push({ ErrorCode: error.code, ErrorMessage: error.message });
    }
  }
  // One statement, which shares its commit with those of other requests.
  await room.records.announce(direct, scope, taken);
  return {
    Entries: answers,
    FailedEntryCount: answers.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
  };
}

function checkedDetail({ Detail, DetailType, Source }: PutEventsRequestEntry): unknown {
  for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
    if (value === undefined || value === '')
      throw errors.invalidEvent({ reason: `parameter ${name} is missing` });
  }
  if (Source!.startsWith('aws.')) throw errors.reservedSource({ source: Source! });
  let detail: unknown;
  try {
    detail = JSON.parse(Detail!);
  } catch (error) {
    throw errors.invalidEvent({ reason: `Detail is not JSON: ${(error as Error).message}` });
  }
  if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return detail;
  throw errors.invalidEvent({ reason: 'Detail is not a JSON object' });
}
