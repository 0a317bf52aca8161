import type { ServiceError } from '@helicase/kernel';
import type { Claim } from '../signature/claim.ts';
import type { Reply } from '../protocol/protocol.ts';
import type { Refusals } from '../signature/errors.ts';
import type { Exchange } from './exchange.ts';
import type { Incoming } from './incoming.ts';

/** One service's way in: what a request goes through once its claim says that it is for this service. */
export interface Door {
  readonly refusals: Refusals;
  serve(exchange: Exchange, incoming: Incoming, claim: Claim): Promise<void>;
  /** Whether the request's line and headers name an operation of the service's. */
  knows?(incoming: Incoming): boolean;
  /** Present where the service has operations that are taken without a signature. */
  serveUnsigned?(exchange: Exchange, incoming: Incoming): Promise<void>;
  writeError(error: ServiceError, requestId: string, incoming: Incoming | undefined): Reply;
}
