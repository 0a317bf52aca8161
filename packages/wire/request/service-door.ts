import { ServiceError } from '@helicase/kernel';
import { openStreamedBody, openWholeBody } from '../body/open-body.ts';
import { errors, validationError } from '../errors.ts';
import type { GatewayOptions } from '../gateway.ts';
import type { ObservedCall, OperationContext, Service } from '../operation.ts';
import { awsJsonServer } from '../protocol/aws-json.ts';
import { awsQueryServer } from '../protocol/aws-query.ts';
import type { Match, ProtocolServer, Reply } from '../protocol/protocol.ts';
import { restJsonServer } from '../protocol/rest-json.ts';
import { registerOperations } from '../schema/registry.ts';
import type { Claim } from '../signature/claim.ts';
import type { Guard } from '../signature/guard.ts';
import type { Door } from './door.ts';
import type { Exchange } from './exchange.ts';
import { answerOnce } from './idempotent.ts';
import type { Incoming } from './incoming.ts';

/** The door of a service that is a table of operations. */
export function serviceDoor(service: Service, guard: Guard, options: GatewayOptions): Door {
  const protocol = protocolServer(service);
  return {
    refusals: protocol.refusals,
    writeError: (error, requestId) => protocol.writeError(error, requestId),
    serve: (exchange, incoming, claim) =>
      new Passage(service, protocol, guard, options, exchange).run(incoming, claim),
  };
}

function protocolServer(service: Service): ProtocolServer {
  const operations = registerOperations(service);
  if (service.protocol === 'restJson1') return restJsonServer(service, operations);
  return service.protocol === 'awsQuery'
    ? awsQueryServer(service, operations)
    : awsJsonServer(service, operations);
}

/** One request's way through. `run` is the list of steps; each has a method. */
class Passage {
  readonly #service: Service;
  readonly #protocol: ProtocolServer;
  readonly #guard: Guard;
  readonly #options: GatewayOptions;
  readonly #exchange: Exchange;

  constructor(
    service: Service,
    protocol: ProtocolServer,
    guard: Guard,
    options: GatewayOptions,
    exchange: Exchange,
  ) {
    this.#service = service;
    this.#protocol = protocol;
    this.#guard = guard;
    this.#options = options;
    this.#exchange = exchange;
  }

  async run(incoming: Incoming, claim: Claim): Promise<void> {
    const early = this.#protocol.match(incoming);
    const { context, body } = await this.#authenticate(incoming, claim, early);
    const match = early ?? this.#route(incoming, body);
    const call = { service: this.#service.name, operation: match.operation.entry, context };
    let input: Record<string, unknown> = {};
    let outcome: Outcome | undefined;
    try {
      input = this.#protocol.read(match, incoming, body);
      this.#validate(match, input);
      const reply = await this.#perform(match, { ...call, input });
      outcome = { status: reply.status };
      await this.#exchange.send(reply);
    } catch (error) {
      outcome ??= failure(error);
      throw error;
    } finally {
      this.#record({ ...call, input }, outcome ?? { status: 500 });
    }
  }

  async #authenticate(incoming: Incoming, claim: Claim, early: Match | undefined) {
    const { refusals } = this.#protocol;
    const identity = await this.#guard.identify(claim, refusals, this.#service.global ?? false);
    const opened = early?.operation.streamedInput
      ? await openStreamedBody(incoming, identity, refusals)
      : await openWholeBody(incoming, claim, refusals);
    this.#exchange.owns(opened.body);
    this.#guard.verify(incoming, identity, opened.payload, refusals);
    const { scope, principal } = identity;
    const { requestId, signal } = this.#exchange;
    const context: OperationContext = { scope, principal, requestId, signal };
    return { context, body: opened.body };
  }

  #route(incoming: Incoming, body: Parameters<ProtocolServer['matchBody']>[1]): Match {
    const match = this.#protocol.matchBody(incoming, body);
    if (match) return match;
    throw errors.unknownOperation({ service: this.#service.name, what: this.#protocol.describe(incoming) });
  }

  #validate({ operation }: Match, input: Readonly<Record<string, unknown>>): void {
    const faults = operation.validate(input);
    if (faults.length > 0) throw validationError(this.#protocol.validationCode, faults);
  }

  /** Support, authorization, admission, and the handler's answer, once per idempotency token. */
  async #perform({ operation }: Match, call: ObservedCall): Promise<Reply> {
    const { entry } = operation;
    const { context } = call;
    const { handler } = entry;
    const input = call.input as Record<string, unknown>;
    if (!handler) throw errors.notSupported({ operation: entry.name, service: this.#service.name });
    await this.#authorize(call);
    for (const observer of this.#options.observers ?? []) await observer.admit?.(call);
    return answerOnce(this.#options.idempotency, operation, input, context, {
      perform: (remembering) => handler(input as never, remembering),
      write: (output) => this.#protocol.write(operation, output, context.requestId),
    });
  }

  async #authorize({ operation, input, context }: ObservedCall): Promise<void> {
    const { principal, scope } = context;
    const resources = operation.resources(input as never, context);
    const { action } = operation;
    const verdict = await this.#options.authorizer.authorize({ principal, scope, action, resources });
    if (!verdict.allowed) throw errors.accessDenied({ message: verdict.message });
  }

  #record(call: ObservedCall, outcome: Outcome): void {
    for (const observer of this.#options.observers ?? []) {
      try {
        observer.record?.(call, outcome);
      } catch (error) {
        const { requestId } = call.context;
        this.#options.log.error({ requestId, error }, 'an observer failed');
      }
    }
  }
}

interface Outcome {
  readonly status: number;
  readonly code?: string;
}

function failure(error: unknown): Outcome {
  return error instanceof ServiceError
    ? { status: error.status, code: error.code }
    : { status: 500, code: 'InternalServerException' };
}
