import type { Clock, Ids, Log } from '@helicase/kernel';
import { ServiceError } from '@helicase/kernel';
import { errors } from './errors.ts';
import type {
  Authorizer,
  Credentials,
  IdempotencyStore,
  RawService,
  RequestObserver,
  Service,
} from './operation.ts';
import type { Reply } from './protocol/protocol.ts';
import { type Door } from './request/door.ts';
import { Exchange } from './request/exchange.ts';
import { type Incoming, readIncoming } from './request/incoming.ts';
import { rawDoor } from './request/raw-door.ts';
import { ClientGone } from './request/send-body.ts';
import { serviceDoor } from './request/service-door.ts';
import { type Claim, MalformedClaim, readClaim } from './signature/claim.ts';
import { serviceRefusals } from './signature/errors.ts';
import { Guard } from './signature/guard.ts';

export interface GatewayOptions {
  readonly services: readonly Service[];
  readonly raw: readonly RawService[];
  readonly credentials: Credentials;
  readonly authorizer: Authorizer;
  readonly observers?: readonly RequestObserver[];
  readonly idempotency?: IdempotencyStore;
  /** Regions that this server is; another region in the credential scope is AWS's wrong-region error. */
  readonly regions: readonly string[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The AWS front door: node:http requests in, answers out. Fastify mounts it for everything but its own routes. */
export interface Gateway {
  handle(
    request: import('node:http').IncomingMessage,
    response: import('node:http').ServerResponse,
  ): Promise<void>;
}

/** Compiles the tables' routes; throws where a table names an operation that its schemas lack. */
export function createGateway(options: GatewayOptions): Gateway {
  const guard = new Guard(options);
  const doors = new Map<string, Door>([
    ...options.services.map((service) => [service.name, serviceDoor(service, guard, options)] as const),
    ...options.raw.map((service) => [service.name, rawDoor(service, guard, options)] as const),
  ]);
  return {
    async handle(request, response) {
      const exchange = new Exchange(request, response, options.ids.uuid());
      let incoming: Incoming | undefined;
      let door = nobody;
      try {
        incoming = readIncoming(request);
        const claim = claimOf(incoming, doors);
        if (!claim) {
          door = unsignedDoor(incoming, doors);
          await door.serveUnsigned!(exchange, incoming);
          return;
        }
        door = doors.get(claim.service) ?? throwWrongService(claim, doors);
        await door.serve(exchange, incoming, claim);
      } catch (error) {
        const spoken = error instanceof Refused ? error.door : door;
        await answerError(options.log, exchange, spoken, error, incoming);
      }
    },
  };
}

/** Speaks where no service is known yet. */
const nobody: Door = {
  refusals: serviceRefusals,
  serve: () => Promise.reject(new Error('No service')),
  writeError: (error) => ({
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message }),
  }),
};

/** A refusal before a service was found, in the words of the service that was meant. */
class Refused extends Error {
  readonly door: Door;
  constructor(door: Door, cause: ServiceError) {
    super(cause.message, { cause });
    this.door = door;
  }
}

function claimOf(incoming: Incoming, doors: ReadonlyMap<string, Door>): Claim | undefined {
  try {
    return readClaim(incoming);
  } catch (error) {
    if (!(error instanceof MalformedClaim)) throw error;
    const door = doors.get(error.service ?? '') ?? nobody;
    throw new Refused(door, door.refusals.incomplete({ fault: error.message }));
  }
}

/** A form without a signature may be one of STS's operations that need none. */
function unsignedDoor(incoming: Incoming, doors: ReadonlyMap<string, Door>): Door {
  const { method, headers } = incoming;
  const isForm = headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  const door = [...doors.values()].find(({ serveUnsigned }) => serveUnsigned);
  if (method === 'POST' && isForm && door) return door;
  const meant = meantDoor(incoming, doors);
  throw new Refused(meant, meant.refusals.missing({}));
}

/** Whom a request without a signature was for: what no table names is an object of S3's. */
function meantDoor(incoming: Incoming, doors: ReadonlyMap<string, Door>): Door {
  const known = [...doors.values()].find((door) => door.knows?.(incoming));
  if (known) return known;
  const isJson = incoming.headers.has('x-amz-target');
  return (isJson ? undefined : doors.get('s3')) ?? nobody;
}

function throwWrongService(claim: Claim, doors: ReadonlyMap<string, Door>): never {
  const expected = [...doors.keys()].sort().join(', ');
  throw serviceRefusals.wrongService({ service: claim.service, expected });
}

async function answerError(
  log: Log,
  exchange: Exchange,
  door: Door,
  thrown: unknown,
  incoming: Incoming | undefined,
): Promise<void> {
  const cause = thrown instanceof Refused ? thrown.cause : thrown;
  const { requestId, response } = exchange;
  if (isClientGone(exchange, cause)) {
    log.debug({ requestId }, 'the client went away before its answer');
    return;
  }
  const error = cause instanceof ServiceError ? cause : errors.internal({ requestId });
  if (error !== cause) log.error({ requestId, error: cause }, 'a request failed');
  // Who has no account here is in no account's audit records: this line is the record.
  if (error.status === 403) {
    const { remoteAddress: address } = exchange.request.socket;
    log.warn({ requestId, code: error.code, message: error.message, address }, 'refused');
  }
  if (exchange.isAnswered) {
    response.destroy();
    return;
  }
  try {
    const reply = door.writeError(error, requestId, incoming);
    const { retryAfterSeconds } = error;
    const wait: Reply['headers'] =
      retryAfterSeconds === undefined ? {} : { 'retry-after': retryAfterSeconds };
    await exchange.send({ ...reply, headers: { ...reply.headers, ...wait } });
  } catch (failure) {
    log.error({ requestId, error: failure }, 'an error could not be answered');
    response.destroy();
  }
}

/** An answer's own stream that fails closes the connection too: that is a fault of ours, not the client's leaving. */
function isClientGone({ signal, isAnswered }: Exchange, cause: unknown): boolean {
  return cause instanceof ClientGone || (signal.aborted && !isAnswered);
}
