import { ServiceError } from '@helicase/kernel';
import type { RawRequest } from '@helicase/wire';
import { errors } from '../errors.ts';
import { type Address, addressOf } from './address.ts';
import { type Answer, authorize, bucketArn, type Call, objectArn, type Rooms } from './call.ts';
import { matchOperation } from './match.ts';
import type { S3Operation } from './operation.ts';
import { refuseUnsupported } from './refused-headers.ts';
import { internalError, respond, respondError } from './respond.ts';

export interface ServiceParts {
  readonly rooms: Rooms;
  readonly operations: readonly S3Operation[];
  /** Host names under which a first label is a bucket: `localhost` makes `bucket.localhost` one. */
  readonly domains: readonly string[];
}

/** Answers one verified S3 request. Never throws. */
export async function serve(parts: ServiceParts, raw: RawRequest): Promise<void> {
  // The body fails when the client goes away or its signature is wrong; whoever reads it then is told.
  raw.body.on('error', () => undefined);
  try {
    await respond(raw, await answerTo(parts, raw));
  } catch (error) {
    if (raw.signal.aborted || raw.response.destroyed) return;
    await answerError(parts, raw, error);
  }
}

async function answerTo(parts: ServiceParts, raw: RawRequest): Promise<Answer> {
  const call = callOf(parts.rooms, raw);
  const address = addressOf(raw.path, raw.host, parts.domains);
  const copies = call.header('x-amz-copy-source') !== undefined;
  const asked = { method: raw.request.method ?? 'GET', address, query: raw.query, copies };
  const operation = matchOperation(parts.operations, asked);
  refuseUnsupported(call.header, raw.principal.account);
  const version = raw.query.get('versionId');
  if (version !== null && version !== 'null') throw errors.noSuchVersion({ version });
  return perform(call, operation, address);
}

async function perform(call: Call, operation: S3Operation, address: Address): Promise<Answer> {
  if (operation.on === 'service') {
    await authorize(call, operation.action, '*');
    return operation.handle(call);
  }
  const name = address.bucket!;
  if (operation.on === 'name') return operation.handle(call, name);
  const found = await call.rooms.finder.find(call.raw, name);
  await authorizeOn(call, operation, name, address.key);
  const key = address.key ?? '';
  if (found.kind === 'bucket') return operation.handle({ ...call, bucket: found.bucket, key });
  if (!operation.view) throw errors.readOnlyView({ bucket: name, action: operation.name });
  return operation.view({ ...call, view: found.view, bucketName: name, key });
}

/** DeleteObjects names its keys in the body and authorizes each. */
async function authorizeOn(
  call: Call,
  operation: S3Operation,
  bucket: string,
  key: string | undefined,
): Promise<void> {
  if (operation.name === 'DeleteObjects') return;
  await authorize(call, operation.action, key === undefined ? bucketArn(bucket) : objectArn(bucket, key));
}

function callOf(rooms: Rooms, raw: RawRequest): Call {
  const { headers } = raw.request;
  const header = (name: string) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  return { raw, rooms, query: raw.query, header };
}

async function answerError(parts: ServiceParts, raw: RawRequest, error: unknown): Promise<void> {
  const known = error instanceof ServiceError ? error : internalError();
  if (known !== error) {
    parts.rooms.log.error(
      { requestId: raw.requestId, path: raw.path, error: String(error) },
      'S3 request failed',
    );
  }
  respondError(raw, known, await factsOf(parts, raw, known));
  raw.body.resume(); // what is left of the body is of no use, but the connection is
}

async function factsOf(
  parts: ServiceParts,
  raw: RawRequest,
  error: ServiceError,
): Promise<Record<string, string>> {
  if (error.code !== 'PermanentRedirect') return {};
  const { bucket } = addressOf(raw.path, raw.host, parts.domains);
  const region = bucket === undefined ? undefined : await parts.rooms.finder.regionOf(bucket);
  return region === undefined ? {} : { Bucket: bucket!, Region: region, Endpoint: raw.host };
}
