import type { Readable } from 'node:stream';
import type { ServiceError } from '@helicase/kernel';
import type { Protocol } from '../operation.ts';
import type { Incoming } from '../request/incoming.ts';
import type { RegisteredOperation } from '../schema/registry.ts';
import type { Refusals } from '../signature/errors.ts';

/** The operation that a request names, and what its path says. */
export interface Match {
  readonly operation: RegisteredOperation;
  /** URI labels, decoded. */
  readonly labels: ReadonlyMap<string, string>;
}

/** An answer before it is written to the socket. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: string | Readable;
}

/** What a body is to a protocol: the bytes, or the stream of an operation whose input streams. */
export type Body = Buffer | Readable;

/** One of AWS's protocols, for one service's operations. */
export interface ProtocolServer {
  readonly protocol: Protocol;
  /** How the protocol words refused signatures. */
  readonly refusals: Refusals;
  /** The operation named by line and headers; undefined where none is, or where only the body says. */
  match(incoming: Incoming): Match | undefined;
  /** The operation named in the body. */
  matchBody(incoming: Incoming, body: Body): Match | undefined;
  /** What an unknown request asked for, for the error message. */
  describe(incoming: Incoming): string;
  /** The input. Throws SerializationException. */
  read(match: Match, incoming: Incoming, body: Body): Record<string, unknown>;
  write(operation: RegisteredOperation, output: unknown, requestId: string): Reply;
  writeError(error: ServiceError, requestId: string): Reply;
  /** The service's code for a violated constraint. */
  readonly validationCode: string;
}
