import { openStreamedBody, openWholeBody } from '../body/open-body.ts';
import { readWholeBody } from '../body/buffered.ts';
import { errors, validationError } from '../errors.ts';
import type { GatewayOptions } from '../gateway.ts';
import type { Service } from '../operation.ts';
import { awsJsonServer } from '../protocol/aws-json.ts';
import { awsQueryServer } from '../protocol/aws-query.ts';
import type { Body, Match, ProtocolServer, Reply } from '../protocol/protocol.ts';
import { restJsonServer } from '../protocol/rest-json.ts';
import { registerOperations } from '../schema/registry.ts';
import type { Claim } from '../signature/claim.ts';
import type { Guard, Identity } from '../signature/guard.ts';
import { anonymousIdentity } from './anonymous.ts';
import { authorizeOperation } from './authorize.ts';
import type { Door } from './door.ts';
import type { Exchange } from './exchange.ts';
import { answerOnce } from './idempotent.ts';
import type { Incoming } from './incoming.ts';
import { refuseOtherEndpoint } from './private-endpoint.ts';
import { failure, Observed } from './observed.ts';

/** Bytes that a stranger may have this server keep: a web identity token has 20,000 at most. */
const UNSIGNED_LIMIT = 64 * 1024;

/** The door of a service that is a table of operations. */
export function serviceDoor(service: Service, guard: Guard, options: GatewayOptions): Door {
  const protocol = protocolServer(service);
  return {
    refusals: protocol.refusals,
    knows: (incoming) => protocol.match(incoming) !== undefined,
    writeError: (error, requestId) => protocol.writeError(error, requestId),
    serve: (exchange, incoming, claim) =>
      new Passage(service, protocol, guard, options, exchange).run(incoming, claim),
    ...(service.operations.some(({ unsigned }) => unsigned)
      ? {
          serveUnsigned: (exchange, incoming) =>
            new Passage(service, protocol, guard, options, exchange).runUnsigned(incoming),
        }
      : {}),
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
    const isGlobal = this.#service.global ?? false;
    const identity = await this.#guard.identify(incoming, claim, this.#protocol.refusals, isGlobal);
    const observed = new Observed(this.#service.name, this.#options, identity, incoming, this.#exchange);
    if (early) observed.asks(early.operation.entry);
    let reply: Reply;
    try {
      if (identity.refusal) throw identity.refusal;
      const body = await this.#verifiedBody(incoming, identity, early, observed);
      const match = early ?? this.#route(incoming, body);
      observed.asks(match.operation.entry);
      const input = this.#protocol.read(match, incoming, body);
      observed.input = input;
      this.#validate(match, input);
      reply = await this.#perform(match, input, observed);
    } catch (error) {
      await observed.record(failure(error));
      throw error;
    }
    await observed.record({ status: reply.status, output: observed.output });
    await this.#exchange.send(reply);
  }

  /** Operations that prove who asks by a token in their input (web identity) come without a signature. */
  async runUnsigned(incoming: Incoming): Promise<void> {
    const body = await readWholeBody(incoming.request, UNSIGNED_LIMIT);
    const match = this.#protocol.matchBody(incoming, body);
    if (!match?.operation.entry.unsigned) throw this.#protocol.refusals.missing({});
    const input = this.#protocol.read(match, incoming, body);
    this.#validate(match, input);
    const identity = anonymousIdentity(input, this.#options.regions[0]!);
    const observed = new Observed(this.#service.name, this.#options, identity, incoming, this.#exchange);
    observed.asks(match.operation.entry);
    observed.input = input;
    let reply: Reply;
    try {
      reply = await this.#perform(match, input, observed);
    } catch (error) {
      await observed.record(failure(error));
      throw error;
    }
    await observed.record({ status: reply.status, output: observed.output });
    await this.#exchange.send(reply);
  }

  /** The body, once the signature over it is proven. */
  async #verifiedBody(
    incoming: Incoming,
    identity: Identity,
    early: Match | undefined,
    observed: Observed,
  ): Promise<Body> {
    const { refusals } = this.#protocol;
    const opened = early?.operation.streamedInput
      ? await openStreamedBody(incoming, identity, refusals)
      : await openWholeBody(incoming, identity.claim, refusals);
    this.#exchange.owns(opened.body);
    try {
      this.#guard.verify(incoming, identity, opened.payload, refusals);
    } catch (error) {
      // Read all the same where the operation stands in the body: the attempt is recorded as what it was.
      const asked = early ?? this.#protocol.matchBody(incoming, opened.body);
      if (asked) observed.asks(asked.operation.entry);
      throw error;
    }
    return opened.body;
  }

  #route(incoming: Incoming, body: Body): Match {
    const match = this.#protocol.matchBody(incoming, body);
    if (match) return match;
    throw errors.unknownOperation({ service: this.#service.name, what: this.#protocol.describe(incoming) });
  }

  #validate({ operation }: Match, input: Readonly<Record<string, unknown>>): void {
    const faults = operation.validate(input);
    if (faults.length > 0) throw validationError(this.#protocol.validationCode, faults);
  }

  /** Support, authorization, admission, and the handler's answer, once per idempotency token. */
  async #perform({ operation }: Match, input: Record<string, unknown>, observed: Observed): Promise<Reply> {
    const { entry } = operation;
    const { handler } = entry;
    const { context } = observed;
    refuseOtherEndpoint(this.#exchange.request.socket, `${operation.schema.hostPrefix}${this.#service.name}`);
    if (!handler) throw errors.notSupported({ operation: entry.name, service: this.#service.name });
    observed.resources = await entry.resources(input as never, context);
    const { resources } = observed;
    await authorizeOperation(this.#options.authorizer, entry, { input, context, resources });
    await observed.admit();
    return answerOnce(this.#options.idempotency, operation, input, context, {
      perform: async (remembering) => (observed.output = await handler(input as never, remembering)),
      write: (output) => this.#protocol.write(operation, output, context.requestId),
    });
  }
}
