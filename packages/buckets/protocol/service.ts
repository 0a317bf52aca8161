import { ServiceError } from '@helicase/kernel';
import type { CallOutcome, RawOperation, RawRequest } from '@helicase/wire';
import { errors } from '../errors.ts';
import { sourceAddress } from '../object/copy.ts';
import { type AccessWatch, watchAccess } from './access.ts';
import { type Address, addressOf, bucketInHost, type Names } from './address.ts';
import { bucketArn, objectArn } from './authorize.ts';
import { type Answer, authorize, type Call, type Rooms } from './call.ts';
import { requestKeys } from './request-keys.ts';
import { matchOperation } from './match.ts';
import type { S3Operation } from './operation.ts';
import { expectOwner } from './expected-owner.ts';
import { refuseUnsupported } from './refused-headers.ts';
import { internalError, respond, respondError } from './respond.ts';

export interface ServiceParts {
  readonly rooms: Rooms;
  readonly operations: readonly S3Operation[];
  readonly domains: Names['domains'];
}

/** Answers one verified S3 request. Never throws. */
export async function serve(parts: ServiceParts, raw: RawRequest): Promise<void> {
  // The body fails when the client goes away or its signature is wrong; whoever reads it then is told.
  raw.body.on('error', () => undefined);
  const told = toldOf(parts, raw);
  const watch = watchAccess(raw, parts.rooms.clock);
  try {
    const answer = await answerTo(parts, raw);
    await record(raw, told, { status: answer.status });
    watch.decided();
    await respond(raw, answer);
  } catch (error) {
    if (!raw.signal.aborted && !raw.response.destroyed) {
      watch.decided(knownOf(error).code);
      await answerError(parts, raw, told, error);
    }
  }
  await tellAccess(parts, raw, watch);
}

/** The answer has left: what goes wrong here changes nothing for the client. */
async function tellAccess(parts: ServiceParts, raw: RawRequest, watch: AccessWatch): Promise<void> {
  const { rooms } = parts;
  try {
    const { bucket, key } = readableAddress(parts, raw);
    if (bucket !== undefined) await rooms.finder.tell(raw, watch.ended(bucket, key));
    const source = raw.request.headers['x-amz-copy-source'];
    if (typeof source !== 'string') return;
    const copied = sourceAddress(source, namesFor(parts, raw).aliasOf);
    const operation = raw.query.has('uploadId') ? 'REST.COPY.PART_GET' : 'REST.COPY.OBJECT_GET';
    await rooms.finder.tell(raw, { ...watch.ended(copied.bucket, copied.key), operation, bytesSent: 0 });
  } catch (error) {
    rooms.log.error({ requestId: raw.requestId, error: String(error) }, 'an access could not be logged');
  }
}

function knownOf(error: unknown): ServiceError {
  return error instanceof ServiceError ? error : internalError();
}

/** What is recorded of a request. */
interface Told {
  readonly operation: RawOperation;
  readonly input: object;
}

async function record(raw: RawRequest, told: Told | undefined, outcome: CallOutcome): Promise<void> {
  if (told) await raw.record(told.operation, told.input, outcome);
}

/** As far as it can be read: a request with a key that no object may have is recorded as the attempt that it is. */
export function toldOf(
  parts: ServiceParts,
  asking: Pick<RawRequest, 'request' | 'path' | 'query' | 'host' | 'scope'>,
): Told | undefined {
  const { query, request } = asking;
  try {
    const address = readableAddress(parts, asking);
    const copies = request.headers['x-amz-copy-source'] !== undefined;
    const asked = { method: request.method ?? 'GET', address, query, copies };
    return describe(matchOperation(parts.operations, asked), address);
  } catch {
    return undefined; // nothing that S3 has
  }
}

function describe({ action, name, readOnly }: S3Operation, { bucket, key }: Address): Told {
  const resources =
    bucket === undefined ? [] : [key === undefined ? bucketArn(bucket) : objectArn(bucket, key)];
  const input = {
    ...(bucket === undefined ? {} : { bucketName: bucket }),
    ...(key === undefined ? {} : { key }),
  };
  return { operation: { name, action, readOnly, quota: 's3', resources }, input };
}

/** The bucket that is read from the Host, and so is not in the path. */
export function bucketOf(
  parts: ServiceParts,
  asking: Pick<RawRequest, 'host' | 'scope'>,
): string | undefined {
  return bucketInHost(asking.host, namesFor(parts, asking));
}

type Addressed = Pick<RawRequest, 'path' | 'host' | 'scope'>;

function addressIn(parts: ServiceParts, addressed: Addressed): Address {
  return addressOf(addressed.path, addressed.host, namesFor(parts, addressed));
}

function namesFor({ domains, rooms }: ServiceParts, { scope }: Pick<RawRequest, 'scope'>): Names {
  return { domains, region: scope.region, aliasOf: (arn) => rooms.finder.aliasOf(arn) };
}

function readableAddress(parts: ServiceParts, addressed: Addressed): Address {
  try {
    return addressIn(parts, addressed);
  } catch {
    const [, bucket, key] = /^\/([^/]*)\/?(.*)$/s.exec(addressed.path)!;
    return { bucket: bucket || undefined, key: key || undefined };
  }
}

async function answerTo(parts: ServiceParts, raw: RawRequest): Promise<Answer> {
  const call = callOf(parts.rooms, raw);
  const address = addressIn(parts, raw);
  const copies = call.header('x-amz-copy-source') !== undefined;
  const asked = { method: raw.request.method ?? 'GET', address, query: raw.query, copies };
  const operation = matchOperation(parts.operations, asked);
  refuseUnsupported(call.header);
  const version = raw.query.get('versionId');
  if (version !== null && version !== 'null') throw errors.noSuchVersion({ version });
  return perform(call, operation, address);
}

async function perform(call: Call, operation: S3Operation, address: Address): Promise<Answer> {
  if (operation.on === 'service') {
    await authorize(call, { action: operation.action });
    return operation.handle(call);
  }
  const name = address.bucket!;
  if (operation.on === 'name') return operation.handle(call, name);
  await authorizeNamed(call, operation, name, address.key);
  await expectOwner(call, 'x-amz-expected-bucket-owner', name);
  const found = await call.rooms.finder.find(call.raw, name);
  const key = address.key ?? '';
  if (found.kind === 'bucket') return operation.handle({ ...call, bucket: found.bucket, key });
  if (!operation.view) throw errors.readOnlyView({ bucket: name, action: operation.name });
  return operation.view({ ...call, view: found.view, bucketName: name, key });
}

/** DeleteObjects names its keys in the body and authorizes each. */
async function authorizeNamed(
  call: Call,
  operation: S3Operation,
  bucket: string,
  key: string | undefined,
): Promise<void> {
  if (operation.name === 'DeleteObjects') return;
  await authorize(call, { action: operation.action, bucket, key, conditions: requestKeys(call) });
}

function callOf(rooms: Rooms, raw: RawRequest): Call {
  const { headers } = raw.request;
  const header = (name: string) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  return { raw, rooms, query: raw.query, header };
}

async function answerError(
  parts: ServiceParts,
  raw: RawRequest,
  told: Told | undefined,
  error: unknown,
): Promise<void> {
  const known = knownOf(error);
  if (known !== error) {
    parts.rooms.log.error(
      { requestId: raw.requestId, path: raw.path, error: String(error) },
      'S3 request failed',
    );
  }
  const { code, message, status } = known;
  if (!raw.response.headersSent) await record(raw, told, { status, code, message });
  respondError(raw, known, await factsOf(parts, raw, known));
  raw.body.resume(); // what is left of the body is of no use, but the connection is
}

async function factsOf(
  parts: ServiceParts,
  raw: RawRequest,
  error: ServiceError,
): Promise<Record<string, string>> {
  if (error.code !== 'PermanentRedirect') return {};
  const { bucket } = addressIn(parts, raw);
  const region = bucket === undefined ? undefined : await parts.rooms.finder.regionOf(bucket);
  return region === undefined ? {} : { Bucket: bucket!, Region: region, Endpoint: raw.host };
}
