import type {
  CreateTrailRequest,
  CreateTrailResponse,
  DeleteTrailRequest,
  DescribeTrailsRequest,
  DescribeTrailsResponse,
  GetTrailRequest,
  GetTrailResponse,
  GetTrailStatusRequest,
  GetTrailStatusResponse,
  ListTrailsRequest,
  ListTrailsResponse,
  StartLoggingRequest,
  StopLoggingRequest,
  Trail as TrailFacts,
  UpdateTrailRequest,
  UpdateTrailResponse,
} from '@aws-sdk/client-cloudtrail';
import { type Scope, ServiceError } from '@helicase/kernel';
import { holdName, type Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../audit/errors.ts';
import { deliveryJob } from './delivery.ts';
import {
  checkTrailName,
  keyStart,
  type RegionDelivery,
  type Trail,
  trailArn,
  type TrailDoc,
  trailName,
  wholeSeconds,
} from './trail.ts';
import { trailTags } from './tag-operations.ts';
import type { TrailRoom } from './trail-room.ts';

/** CloudTrail's quota of trails in a Region. */
const MOST_TRAILS = 5;
/** Milliseconds until the last delivery: the record of the call that stopped the logging comes with it. */
const SETTLING = 2_000;
/** Characters that CloudTrail does not take in a prefix. */
const PREFIX_FAULTS = /[\\{}^%`[\]"<>~#|\s]/;

export function trailOperations(room: TrailRoom): readonly AnyOperation[] {
  const one = ({ Name }: { Name?: string | undefined }, { scope }: OperationContext) => [
    trailArn(scope, trailName(scope, Name!)),
  ];
  const writes = { readOnly: false, quota: 'cloudtrail', resources: one };
  const reads = { readOnly: true, quota: 'cloudtrail', resources: one };
  return [
    defineOperation<CreateTrailRequest, CreateTrailResponse>({
      ...{ ...writes, name: 'CreateTrail', action: 'cloudtrail:CreateTrail' },
      handler: (input, context) => createTrail(room, input, context),
    }),
    defineOperation<UpdateTrailRequest, UpdateTrailResponse>({
      ...{ ...writes, name: 'UpdateTrail', action: 'cloudtrail:UpdateTrail' },
      handler: (input, context) => updateTrail(room, input, context),
    }),
    defineOperation<DeleteTrailRequest, object>({
      ...{ ...writes, name: 'DeleteTrail', action: 'cloudtrail:DeleteTrail' },
      handler: ({ Name }, { scope }) => endLogging(room, scope, Name!, 'DELETING'),
    }),
    defineOperation<StartLoggingRequest, object>({
      ...{ ...writes, name: 'StartLogging', action: 'cloudtrail:StartLogging' },
      handler: ({ Name }, { scope }) => startLogging(room, scope, Name!),
    }),
    defineOperation<StopLoggingRequest, object>({
      ...{ ...writes, name: 'StopLogging', action: 'cloudtrail:StopLogging' },
      handler: ({ Name }, { scope }) => endLogging(room, scope, Name!, 'STOPPING'),
    }),
    defineOperation<GetTrailRequest, GetTrailResponse>({
      ...{ ...reads, name: 'GetTrail', action: 'cloudtrail:GetTrail' },
      handler: async ({ Name }, { scope }) => ({
        Trail: described(await findTrail(room, room.records.direct, scope, Name!)),
      }),
    }),
    defineOperation<GetTrailStatusRequest, GetTrailStatusResponse>({
      ...{ ...reads, name: 'GetTrailStatus', action: 'cloudtrail:GetTrailStatus' },
      handler: async ({ Name }, { scope }) =>
        statusOf(await findTrail(room, room.records.direct, scope, Name!)),
    }),
    defineOperation<DescribeTrailsRequest, DescribeTrailsResponse>({
      ...{ ...reads, name: 'DescribeTrails', action: 'cloudtrail:DescribeTrails', resources: () => ['*'] },
      handler: (input, context) => describeTrails(room, input, context),
    }),
    defineOperation<ListTrailsRequest, ListTrailsResponse>({
      ...{ ...reads, name: 'ListTrails', action: 'cloudtrail:ListTrails', resources: () => ['*'] },
      handler: async (_, { scope }) => ({
        Trails: (await visibleTrails(room, scope, true)).map(({ id, scope: home }) => ({
          ...{ Name: id, TrailARN: trailArn(home, id), HomeRegion: home.region },
        })),
      }),
    }),
  ];
}

async function createTrail(
  room: TrailRoom,
  input: CreateTrailRequest,
  context: OperationContext,
): Promise<CreateTrailResponse> {
  const { scope } = context;
  const name = input.Name!;
  checkTrailName(name);
  const doc: TrailDoc = {
    ...{ ...changed({}, input), tags: trailTags(input.TagsList), delivery: {} },
  } as TrailDoc;
  await checkBucket(room, doc, context);
  const trail = await room.records.transaction(async (tx) => {
    const { account, region } = scope;
    await holdName(tx, room.records.dialect, `trails of ${account} ${region}`);
    if (await room.trails.find(tx, scope, name)) throw errors.trailExists({ name, account });
    const count = await room.trails.count(tx, scope, {});
    if (count >= MOST_TRAILS) throw errors.tooManyTrails({ account, region, most: MOST_TRAILS });
    return room.trails.insert(tx, { scope, id: name, status: 'STOPPED', doc });
  });
  return answered(trail);
}

async function updateTrail(
  room: TrailRoom,
  input: UpdateTrailRequest,
  context: OperationContext,
): Promise<UpdateTrailResponse> {
  const { scope } = context;
  const { doc, id } = await findTrail(room, room.records.direct, scope, input.Name!);
  await checkBucket(room, changed(doc, input), context);
  const trail = await room.records.transaction(async (tx) => {
    await findTrail(room, tx, scope, input.Name!);
    return room.trails.update(tx, scope, id, (before) => changed(before, input));
  });
  return answered(trail);
}

/** The trail as the request wants it; what it does not name stays, or is CloudTrail's default. */
function changed(before: Partial<TrailDoc>, input: CreateTrailRequest | UpdateTrailRequest): TrailDoc {
  refuseWhatIsNotHere(input);
  const prefix = input.S3KeyPrefix ?? before.prefix;
  if (prefix !== undefined && (prefix.length > 200 || PREFIX_FAULTS.test(prefix)))
    throw errors.badPrefix({ prefix, characters: '\\ { } ^ % ` [ ] " < > ~ # | or white space' });
  return {
    ...(before as TrailDoc),
    bucket: input.S3BucketName ?? before.bucket!,
    ...(prefix === undefined || prefix === '' ? {} : { prefix }),
    includesGlobal: input.IncludeGlobalServiceEvents ?? before.includesGlobal ?? true,
    isMultiRegion: input.IsMultiRegionTrail ?? before.isMultiRegion ?? false,
    isValidated: input.EnableLogFileValidation ?? before.isValidated ?? false,
  };
}

function refuseWhatIsNotHere(input: CreateTrailRequest | UpdateTrailRequest): void {
  const reasons = {
    SnsTopicName: 'there are no topics; a rule of EventBridge tells of what happens',
    CloudWatchLogsLogGroupArn: 'records are read with LookupEvents and from the bucket',
    KmsKeyId: 'buckets are encrypted by this server already',
    IsOrganizationTrail: 'there are no organizations',
  };
  for (const [member, reason] of Object.entries(reasons)) {
    if (input[member as keyof typeof reasons]) throw errors.trailUnsupported({ member, reason });
  }
}

/** Who makes a trail must be able to write where it delivers: AWS asks the bucket's policy, here the caller is asked. */
async function checkBucket(
  room: TrailRoom,
  doc: TrailDoc,
  { principal, scope }: OperationContext,
): Promise<void> {
  const { bucket } = doc;
  const place = `s3://${bucket}/${keyStart(doc, scope.account)}/CloudTrail/`;
  await room.objects.put({ principal, scope }, place, new Uint8Array()).catch((error: unknown) => {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === 'NoSuchBucket') throw errors.noBucket({ bucket });
    throw errors.bucketPolicy({ bucket, reason: error.message });
  });
}

/** From now on: what happened before is not told. A chain of digests begins. */
async function startLogging(room: TrailRoom, scope: Scope, given: string): Promise<object> {
  const archive = await room.audit.upToDate();
  await room.records.transaction(async (tx) => {
    const { doc, id, status } = await findTrail(room, tx, scope, given);
    if (status === 'LOGGING') return;
    const now = Math.floor(room.clock.now() / 1000) * 1000;
    const delivery: Record<string, RegionDelivery> = {};
    for (const region of doc.isMultiRegion ? room.regions : [scope.region]) {
      const { isComplete: _, ...before } = doc.delivery[region] ?? { files: [], digestedTo: now };
      const told = await archive.ends({ account: scope.account, region });
      delivery[region] = { ...(status === 'STOPPING' ? before : { files: [], digestedTo: now }), told };
    }
    await room.trails.transition(tx, scope, id, 'LOGGING', {
      doc: (before) => ({ ...before, startedAt: now, delivery }),
    });
  });
  return {};
}

/** What happened so far is delivered, with a digest; then the trail is stopped, or gone. */
async function endLogging(
  room: TrailRoom,
  scope: Scope,
  given: string,
  to: 'STOPPING' | 'DELETING',
): Promise<object> {
  await room.records.transaction(async (tx) => {
    const { id, status } = await findTrail(room, tx, scope, given);
    if (to === 'STOPPING' && status !== 'LOGGING') return;
    if (status === 'STOPPED') {
      await room.trails.remove(tx, scope, id);
      return;
    }
    const now = room.clock.now();
    await room.trails.transition(tx, scope, id, to, { doc: (doc) => ({ ...doc, stoppedAt: now }) });
    await room.records.jobs.enqueue(tx, deliveryJob(scope, id, now + SETTLING));
  });
  return {};
}

async function describeTrails(
  room: TrailRoom,
  { includeShadowTrails = true, trailNameList = [] }: DescribeTrailsRequest,
  { scope }: OperationContext,
): Promise<DescribeTrailsResponse> {
  const trails = (await visibleTrails(room, scope, includeShadowTrails)).map(described);
  const isNamed = ({ Name, TrailARN }: TrailFacts) =>
    trailNameList.some((given) => given === Name || given === TrailARN);
  return { trailList: trailNameList.length === 0 ? trails : trails.filter(isNamed) };
}

/** Of this region; with shadows also the multi-Region ones that are at home elsewhere. */
async function visibleTrails(room: TrailRoom, scope: Scope, withShadows: boolean): Promise<readonly Trail[]> {
  const regions = withShadows ? room.regions : [scope.region];
  const pages = await Promise.all(
    regions.map((region) => room.trails.list(room.records.direct, { ...scope, region }, { limit: 100 })),
  );
  return pages
    .flatMap(({ rows }) => rows)
    .filter(({ doc, scope: home, status }) => {
      return status !== 'DELETING' && (home.region === scope.region || doc.isMultiRegion);
    });
}

/** Held where a transaction asks. */
export async function findTrail(
  { records, trails }: TrailRoom,
  tx: Transaction,
  scope: Scope,
  given: string,
): Promise<Trail> {
  const name = trailName(scope, given);
  const trail = await (tx === records.direct ? trails.find(tx, scope, name) : trails.hold(tx, scope, name));
  if (!trail || trail.status === 'DELETING') throw errors.trailNotFound({ name, account: scope.account });
  return trail;
}

function answered({ doc, id, scope }: Trail): CreateTrailResponse {
  const { bucket, includesGlobal, isMultiRegion, isValidated, prefix } = doc;
  return {
    ...{ Name: id, S3BucketName: bucket, S3KeyPrefix: prefix, IncludeGlobalServiceEvents: includesGlobal },
    ...{ IsMultiRegionTrail: isMultiRegion, TrailARN: trailArn(scope, id) },
    ...{ LogFileValidationEnabled: isValidated, IsOrganizationTrail: false },
  };
}

function described(trail: Trail): TrailFacts {
  const { advancedSelectors, selectors } = trail.doc;
  return {
    ...{ ...answered(trail), HomeRegion: trail.scope.region, HasInsightSelectors: false },
    HasCustomEventSelectors: selectors !== undefined || advancedSelectors !== undefined,
  };
}

function statusOf({ doc, status }: Trail): GetTrailStatusResponse {
  const { deliveredAt, digestedAt, fault, startedAt, stoppedAt } = doc;
  const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at));
  const text = (at: number | undefined) => (at === undefined ? '' : wholeSeconds(at));
  return {
    ...{ IsLogging: status === 'LOGGING', LatestDeliveryError: fault, LatestDeliveryTime: date(deliveredAt) },
    ...{ StartLoggingTime: date(startedAt), StopLoggingTime: date(stoppedAt) },
    ...{ LatestDigestDeliveryTime: date(digestedAt), LatestDeliveryAttemptTime: text(deliveredAt) },
    ...{ LatestNotificationAttemptTime: '', LatestNotificationAttemptSucceeded: '' },
    ...{ LatestDeliveryAttemptSucceeded: fault === undefined ? text(deliveredAt) : '' },
    ...{ TimeLoggingStarted: text(startedAt), TimeLoggingStopped: text(stoppedAt) },
  };
}
