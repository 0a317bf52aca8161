import type { AdvancedEventSelector, AdvancedFieldSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import type { AuditEvent } from '../audit/audit-event.ts';
import { errors } from '../audit/errors.ts';
import type { TrailDoc } from './trail.ts';

/** What a trail has selected: every management event, as long as nobody said otherwise. */
export const DEFAULT_SELECTORS: readonly EventSelector[] = [
  {
    ...{ ReadWriteType: 'All', IncludeManagementEvents: true },
    ...{ DataResources: [], ExcludeManagementEventSources: [] },
  },
];

const GLOBAL_SOURCES = ['iam.amazonaws.com', 'sts.amazonaws.com'];

/** Whether a trail tells a record. */
export function selects({
  advancedSelectors,
  includesGlobal,
  selectors = DEFAULT_SELECTORS,
}: TrailDoc): (event: AuditEvent) => boolean {
  return (event) => {
    if (!includesGlobal && GLOBAL_SOURCES.includes(event.eventSource)) return false;
    if (advancedSelectors) return advancedSelectors.some((selector) => isSelected(selector, event));
    return selectors.some((selector) => isTold(selector, event));
  };
}

function isTold(selector: EventSelector, event: AuditEvent): boolean {
  const { DataResources = [], ExcludeManagementEventSources = [], ReadWriteType = 'All' } = selector;
  if (ReadWriteType !== 'All' && (ReadWriteType === 'ReadOnly') !== event.readOnly) return false;
  if (event.managementEvent) {
    const isIncluded = selector.IncludeManagementEvents ?? true;
    return isIncluded && !ExcludeManagementEventSources.includes(event.eventSource);
  }
  const prefixes = DataResources.filter(({ Type }) => Type === 'AWS::S3::Object').flatMap(
    ({ Values = [] }) => Values,
  );
  return (event.resources ?? []).some(({ ARN }) => prefixes.some((prefix) => ARN.startsWith(prefix)));
}

function isSelected({ FieldSelectors }: AdvancedEventSelector, event: AuditEvent): boolean {
  return FieldSelectors!.every((selector) => {
    const values = FIELDS[selector.Field!]!(event);
    return matches(selector, values);
  });
}

/** Every condition of the field must hold: for one of its values, and the negative ones for all. */
function matches(selector: AdvancedFieldSelector, values: readonly string[]): boolean {
  const some = (wanted: readonly string[] | undefined, test: (value: string, want: string) => boolean) =>
    wanted === undefined || values.some((value) => wanted.some((want) => test(value, want)));
  const none = (wanted: readonly string[] | undefined, test: (value: string, want: string) => boolean) =>
    wanted === undefined || !values.some((value) => wanted.some((want) => test(value, want)));
  const equals = (value: string, want: string) => value === want;
  const starts = (value: string, want: string) => value.startsWith(want);
  const ends = (value: string, want: string) => value.endsWith(want);
  return (
    some(selector.Equals, equals) &&
    some(selector.StartsWith, starts) &&
    some(selector.EndsWith, ends) &&
    none(selector.NotEquals, equals) &&
    none(selector.NotStartsWith, starts) &&
    none(selector.NotEndsWith, ends)
  );
}

/** The fields that CloudTrail's advanced event selectors may name. */
const FIELDS: Readonly<Record<string, (event: AuditEvent) => readonly string[]>> = {
  eventCategory: ({ eventCategory }) => [eventCategory],
  eventName: ({ eventName }) => [eventName],
  eventSource: ({ eventSource }) => [eventSource],
  eventType: ({ eventType }) => [eventType],
  readOnly: ({ readOnly }) => [String(readOnly)],
  'resources.ARN': ({ resources = [] }) => resources.map(({ ARN }) => ARN),
  'resources.type': ({ eventCategory }) => (eventCategory === 'Data' ? ['AWS::S3::Object'] : []),
  'userIdentity.arn': ({ userIdentity: { arn } }) => (arn === undefined ? [] : [arn]),
};

/** Throws InvalidEventSelectorsException. */
export function checkSelectors(
  selectors: readonly EventSelector[] | undefined,
  advanced: readonly AdvancedEventSelector[] | undefined,
): void {
  const refuse = (reason: string) => errors.badSelectors({ reason });
  if ((selectors === undefined) === (advanced === undefined))
    throw refuse('exactly one of EventSelectors and AdvancedEventSelectors must be given');
  if (selectors && (selectors.length === 0 || selectors.length > 5))
    throw refuse('a trail has one to five event selectors');
  for (const { Type } of (selectors ?? []).flatMap(({ DataResources = [] }) => DataResources)) {
    if (Type !== 'AWS::S3::Object') throw refuse(`data events of ${Type} are not recorded here`);
  }
  for (const { FieldSelectors = [] } of advanced ?? []) {
    const unknown = FieldSelectors.find(({ Field }) => !Object.hasOwn(FIELDS, Field!));
    if (unknown)
      throw refuse(`${unknown.Field} is no field; the fields are ${Object.keys(FIELDS).join(', ')}`);
    if (!FieldSelectors.some(({ Field }) => Field === 'eventCategory'))
      throw refuse('each advanced event selector needs a condition on eventCategory');
  }
}
