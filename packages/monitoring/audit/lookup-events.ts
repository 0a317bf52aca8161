import type {
  Event,
  LookupAttribute,
  LookupEventsRequest,
  LookupEventsResponse,
} from '@aws-sdk/client-cloudtrail';
import type { OperationContext, PageTokens } from '@helicase/wire';
import type { AuditEvent } from './audit-event.ts';
import type { AuditLog } from './audit-log.ts';
import { errors } from './errors.ts';

const PAGE = 50;

/** Management events, newest first, by time and at most one attribute. */
export async function lookupEvents(
  audit: AuditLog,
  pageTokens: PageTokens,
  input: LookupEventsRequest,
  { scope }: OperationContext,
): Promise<LookupEventsResponse> {
  const wanted = filterOf(input);
  if (input.EventCategory === 'insight') return { Events: [] };
  const filter = [input.LookupAttributes, input.StartTime?.getTime(), input.EndTime?.getTime()];
  const binding = { scope, operation: 'LookupEvents', filter };
  const token = input.NextToken ? pageTokens.read(binding, input.NextToken) : undefined;
  const [lastAt, server, first, skip = 0] = (token ?? []) as [number, string, number, number?];
  const archive = await audit.upToDate();
  const range = {
    // The chunk that the page before ended in comes again.
    ...(token ? { after: { lastAt, server, first: first + 1 } } : {}),
    ...(input.StartTime ? { startTime: wholeSecond(input.StartTime) } : {}),
  };
  const page: Event[] = [];
  let passed = skip;
  for await (const { place, events } of archive.newestFirst(scope, range)) {
    for (const [index, event] of events.entries()) {
      if (index < passed || !wanted(event)) continue;
      if (page.length === (input.MaxResults ?? PAGE)) {
        const position = [place.lastAt, place.server, place.first, index];
        return { Events: page, NextToken: pageTokens.issue(binding, position) };
      }
      page.push(toEvent(event));
    }
    passed = 0;
  }
  return { Events: page };
}

function filterOf({
  EndTime,
  LookupAttributes = [],
  StartTime,
}: LookupEventsRequest): (event: AuditEvent) => boolean {
  if (LookupAttributes.length > 1) throw errors.oneAttribute({ count: LookupAttributes.length });
  if (StartTime && EndTime && StartTime > EndTime) {
    throw errors.invalidTimeRange({ start: StartTime.toISOString(), end: EndTime.toISOString() });
  }
  const [attribute] = LookupAttributes;
  return (event) => {
    const time = Date.parse(event.eventTime);
    const isInRange =
      (!StartTime || time >= wholeSecond(StartTime)) && (!EndTime || time <= EndTime.getTime());
    if (!event.managementEvent || !isInRange) return false;
    return attribute === undefined || hasAttribute(event, attribute);
  };
}

/** Records have whole seconds. */
function wholeSecond(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000;
}

function hasAttribute(event: AuditEvent, { AttributeKey, AttributeValue }: LookupAttribute): boolean {
  switch (AttributeKey) {
    case 'EventId':
      return event.eventID === AttributeValue;
    case 'EventName':
      return event.eventName === AttributeValue;
    case 'ReadOnly':
      return String(event.readOnly) === AttributeValue;
    case 'Username':
      return userName(event) === AttributeValue;
    case 'EventSource':
      return event.eventSource === AttributeValue;
    case 'AccessKeyId':
      return event.userIdentity.accessKeyId === AttributeValue;
    case 'ResourceName':
      return resourcesOf(event).some(({ ResourceName }) => ResourceName === AttributeValue);
    case 'ResourceType':
      return resourcesOf(event).some(({ ResourceType }) => ResourceType === AttributeValue);
    default:
      return false;
  }
}

function toEvent(event: AuditEvent): Event {
  return {
    EventId: event.eventID,
    EventName: event.eventName,
    ReadOnly: String(event.readOnly),
    AccessKeyId: event.userIdentity.accessKeyId,
    EventTime: new Date(event.eventTime),
    EventSource: event.eventSource,
    Username: userName(event),
    Resources: resourcesOf(event),
    CloudTrailEvent: JSON.stringify(event),
  };
}

/** As CloudTrail names users: root, the user, or the role's session; a service that asked of itself has none. */
function userName({
  userIdentity: { arn, type, userName: name },
}: Pick<AuditEvent, 'userIdentity'>): string | undefined {
  return type === 'Root' ? 'root' : (name ?? arn?.slice(arn.lastIndexOf('/') + 1));
}

/** `AWS::Omics::SequenceStore` and its ARN. */
function resourcesOf({ resources = [] }: AuditEvent): { ResourceType: string; ResourceName: string }[] {
  return resources.map(({ ARN, type }) => {
    if (type !== undefined) return { ResourceType: type, ResourceName: ARN };
    const [, , service = '', , , ...rest] = ARN.split(':');
    const parts = rest.join(':').split('/');
    const kind = parts.length > 2 ? parts.at(-2)! : parts[0]!;
    return { ResourceType: `AWS::${upperFirst(service)}::${upperFirst(kind)}`, ResourceName: ARN };
  });
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
