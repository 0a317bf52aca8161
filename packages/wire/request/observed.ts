import { TLSSocket } from 'node:tls';
import { ServiceError } from '@helicase/kernel';
import type { Clock, Log } from '@helicase/kernel';
import type {
  AnyOperation,
  CallOutcome,
  ObservedCall,
  OperationContext,
  Origin,
  RawOperation,
  RequestObserver,
} from '../operation.ts';
import type { Identity } from '../signature/guard.ts';
import type { Exchange } from './exchange.ts';
import type { Incoming } from './incoming.ts';
import { originOf } from './origin.ts';

interface Observing {
  readonly observers?: readonly RequestObserver[];
  readonly log: Log;
  readonly clock: Clock;
}

type Operation = Pick<AnyOperation, 'name' | 'action' | 'readOnly' | 'quota'>;

/** One request of a known key, as its observers are told of it: what is known of it grows on its way. */
export class Observed {
  readonly context: OperationContext;
  readonly #service: string;
  readonly #observing: Observing;
  readonly #origin: Origin;
  readonly #accessKeyId: string;
  #operation: Operation | undefined;
  input: unknown = {};
  resources: readonly string[] = [];
  output: unknown;

  constructor(
    service: string,
    observing: Observing,
    { claim, principal, scope }: Identity,
    incoming: Incoming,
    { requestId, signal }: Exchange,
  ) {
    this.#origin = originOf(incoming, claim, observing.clock.now());
    const origin = this.#origin;
    this.context = { scope, principal, requestId, signal, endpoint: endpointOf(incoming), origin };
    this.#service = service;
    this.#observing = observing;
    this.#accessKeyId = claim.accessKeyId;
  }

  asks(operation: Operation): void {
    this.#operation ??= operation;
  }

  /** May refuse: throttling. */
  async admit(): Promise<void> {
    const call = this.#call();
    for (const observer of this.#observing.observers ?? []) if (call) await observer.admit?.(call);
  }

  /** Resolves when every observer has what it wants to keep. */
  async record(outcome: CallOutcome): Promise<void> {
    const call = this.#call();
    if (call) await recordWith(this.#observing, call, outcome);
  }

  /** Of a service that reads its requests itself. */
  recordAs(operation: RawOperation, input: unknown, outcome: CallOutcome): Promise<void> {
    this.asks(operation);
    this.resources = operation.resources;
    this.input = input;
    return this.record(outcome);
  }

  #call(): ObservedCall | undefined {
    const operation = this.#operation;
    if (!operation) return undefined;
    const { context, input, resources } = this;
    const [service, origin, accessKeyId] = [this.#service, this.#origin, this.#accessKeyId];
    return { service, operation, resources, input, context, origin, accessKeyId };
  }
}

/** Tells every observer; one that fails is logged, and the others are told all the same. */
export async function recordWith(
  { log, observers }: Pick<Observing, 'log' | 'observers'>,
  call: ObservedCall,
  outcome: CallOutcome,
): Promise<void> {
  for (const observer of observers ?? []) {
    try {
      await observer.record?.(call, outcome);
    } catch (error) {
      log.error({ requestId: call.context.requestId, error }, 'an observer failed');
    }
  }
}

/** How a request that threw ends. */
export function failure(error: unknown): CallOutcome {
  return error instanceof ServiceError
    ? { status: error.status, code: error.code, message: error.message }
    : { status: 500, code: 'InternalServerException' };
}

function endpointOf({ host, request }: Incoming): string {
  return `${request.socket instanceof TLSSocket ? 'https' : 'http'}://${host}`;
}
