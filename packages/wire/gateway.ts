import type { Clock, Ids, Log } from '@helicase/kernel';
import type {
  Authorizer,
  Credentials,
  IdempotencyStore,
  RawService,
  RequestObserver,
  Service,
} from './operation.ts';

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
