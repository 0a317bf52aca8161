import type {
  CreateRunCacheRequest,
  CreateRunCacheResponse,
  DeleteRunCacheRequest,
  GetRunCacheRequest,
  GetRunCacheResponse,
  ListRunCachesRequest,
  ListRunCachesResponse,
  RunCacheListItem,
  UpdateRunCacheRequest,
} from '@aws-sdk/client-omics';
import { type Objects, parseS3Uri } from '@helicase/blobs';
import { type Actor, type Ids, type Scope, ServiceError } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { given } from '../given.ts';
import { listPage } from '../list-page.ts';
import { type RunTable, unfinishedStatuses } from '../run/model.ts';
import { requireOwner } from '../workflow/bucket-owner.ts';
import { removeEntries } from './cache-entry.ts';
import { type RunCache, runCacheArn, type RunCacheDoc, type RunCacheTable } from './model.ts';

export interface RunCacheOperationsOptions {
  readonly records: Records;
  readonly runCaches: RunCacheTable;
  readonly runs: RunTable;
  readonly objects: Objects;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
}

export function runCacheOperations(options: RunCacheOperationsOptions): readonly AnyOperation[] {
  const one = (input: { id?: string }, { scope }: OperationContext) => [runCacheArn(scope, input.id!)];
  const all = (_: object, { scope }: OperationContext) => [runCacheArn(scope, '*')];
  return [
    defineOperation<CreateRunCacheRequest, CreateRunCacheResponse>({
      name: 'CreateRunCache',
      action: 'omics:CreateRunCache',
      resources: all,
      readOnly: false,
      quota: 'run-caches',
      handler: (input, context) => createRunCache(options, input, context),
    }),
    defineOperation<GetRunCacheRequest, GetRunCacheResponse>({
      name: 'GetRunCache',
      action: 'omics:GetRunCache',
      resources: one,
      readOnly: true,
      quota: 'run-caches',
      handler: async (input, { scope }) => {
        const cache = await findRunCache(options, options.records.direct, scope, input.id!);
        const { bucketOwnerId, description, tags } = cache.doc;
        return {
          ...toListItem(cache),
          ...{ cacheBucketOwnerId: bucketOwnerId, description, tags: { ...tags } },
        };
      },
    }),
    defineOperation<ListRunCachesRequest, ListRunCachesResponse>({
      name: 'ListRunCaches',
      action: 'omics:ListRunCaches',
      resources: all,
      readOnly: true,
      quota: 'run-caches',
      handler: (input, context) => listRunCaches(options, input, context),
    }),
    defineOperation<UpdateRunCacheRequest, object>({
      name: 'UpdateRunCache',
      action: 'omics:UpdateRunCache',
      resources: one,
      readOnly: false,
      quota: 'run-caches',
      handler: (input, context) => updateRunCache(options, input, context),
    }),
    defineOperation<DeleteRunCacheRequest, object>({
      name: 'DeleteRunCache',
      action: 'omics:DeleteRunCache',
      resources: one,
      readOnly: false,
      quota: 'run-caches',
      handler: (input, context) => deleteRunCache(options, input.id!, context),
    }),
  ];
}

async function createRunCache(
  options: RunCacheOperationsOptions,
  input: CreateRunCacheRequest,
  context: OperationContext,
): Promise<CreateRunCacheResponse> {
  const { remember, scope } = context;
  const { cacheBehavior, description, name, tags = {} } = input;
  const { cacheBucketOwnerId: bucketOwnerId = scope.account } = input;
  const s3Uri = input.cacheS3Location!.replace(/\/+$/, '');
  if (!parseS3Uri(s3Uri)) throw errors.cacheLocationForm({ uri: input.cacheS3Location! });
  await requireReadable(options.objects, context, s3Uri);
  await requireOwner(options.objects, context, s3Uri, bucketOwnerId);
  const id = options.ids.numeric();
  const doc: RunCacheDoc = {
    ...given({ name, description }),
    ...{ behavior: cacheBehavior ?? 'CACHE_ON_FAILURE', s3Uri, bucketOwnerId, tags },
  };
  const answer = { arn: runCacheArn(scope, id), id, status: 'ACTIVE', tags } as const;
  await options.records.transaction(async (tx) => {
    await options.runCaches.insert(tx, { scope, id, status: 'ACTIVE', doc });
    await remember?.(tx, answer);
  });
  return answer;
}

/** The bucket is there and may be listed by whoever makes the cache. */
async function requireReadable(objects: Objects, actor: Actor, uri: string): Promise<void> {
  try {
    for await (const _ of objects.list(actor, `${uri}/`)) return;
  } catch (error) {
    if (error instanceof ServiceError && error.status < 500) {
      throw errors.cacheLocationUnreadable({ uri, why: error.message });
    }
    throw error;
  }
}

export async function findRunCache(
  { runCaches }: Pick<RunCacheOperationsOptions, 'runCaches'>,
  tx: Transaction,
  scope: Scope,
  id: string,
): Promise<RunCache> {
  const cache = await runCaches.find(tx, scope, id);
  if (!cache) throw errors.runCacheNotFound({ id });
  return cache;
}

function toListItem({ createdAt, doc, id, scope, status }: RunCache): RunCacheListItem {
  const { behavior, name, s3Uri } = doc;
  return {
    ...{ arn: runCacheArn(scope, id), id, status, name },
    cacheBehavior: behavior,
    cacheS3Uri: s3Uri,
    creationTime: new Date(createdAt),
  };
}

async function listRunCaches(
  options: RunCacheOperationsOptions,
  input: ListRunCachesRequest,
  { scope }: OperationContext,
): Promise<ListRunCachesResponse> {
  const { pageTokens: tokens, records, runCaches: table } = options;
  const { nextToken, rows } = await listPage(
    { table, tx: records.direct, tokens, scope, operation: 'ListRunCaches', input },
    {},
  );
  return { items: rows.map(toListItem), nextToken };
}

async function updateRunCache(
  options: RunCacheOperationsOptions,
  { cacheBehavior: behavior, description, id, name }: UpdateRunCacheRequest,
  { scope }: OperationContext,
): Promise<object> {
  await options.records.transaction(async (tx) => {
    await findRunCache(options, tx, scope, id!);
    const changes = given({ name, description, behavior });
    await options.runCaches.update(tx, scope, id!, (doc) => ({ ...doc, ...changes }));
  });
  return {};
}

/** "This action removes the cache metadata … but does not delete the data in Amazon S3." */
async function deleteRunCache(
  options: RunCacheOperationsOptions,
  id: string,
  { scope }: OperationContext,
): Promise<object> {
  await options.records.transaction(async (tx) => {
    if (!(await options.runCaches.hold(tx, scope, id))) throw errors.runCacheNotFound({ id });
    const count = await options.runs.count(tx, scope, {
      statuses: unfinishedStatuses,
      where: { cacheId: id },
    });
    if (count > 0) throw errors.runCacheBusy({ id, count });
    await options.runCaches.remove(tx, scope, id);
    await removeEntries(tx, { scope, id });
  });
  return {};
}
