import type { Actor, Ids, Log } from '@helicase/kernel';
import { ReadFaults } from './codec/faults.ts';
import { readJson } from './codec/json-read.ts';
import { errors, validationError } from './errors.ts';
import type { Authorizer, ObservedCall, OperationContext, RequestObserver, Service } from './operation.ts';
import { validationCode } from './protocol/error-code.ts';
import { authorizeOperation } from './request/authorize.ts';
import { failure, recordWith } from './request/observed.ts';
import { type RegisteredOperation, registerOperations } from './schema/registry.ts';

/** Asks operations of this server from within it, as an actor: decoded, validated, authorized and recorded as any request. */
export interface OperationCaller {
  /** `input` as the API's JSON. Throws the operation's own ServiceErrors. */
  call(
    actor: Actor,
    request: {
      readonly service: string;
      readonly operation: string;
      readonly input: unknown;
      readonly invokedBy: string;
    },
  ): Promise<unknown>;
}

export interface OperationCallerOptions {
  readonly services: readonly Service[];
  readonly authorizer: Authorizer;
  readonly observers: readonly RequestObserver[];
  readonly ids: Ids;
  readonly log: Log;
}

export function createOperationCaller(options: OperationCallerOptions): OperationCaller {
  const services = new Map(options.services.map((service) => [service.name, service]));
  const registered = new Map<string, ReadonlyMap<string, RegisteredOperation>>();
  // On first use: a server without such a caller's work does not wait for it when it starts.
  const operationsOf = (name: string) => {
    const service = services.get(name);
    const operations = registered.get(name) ?? (service && registerOperations(service));
    if (operations) registered.set(name, operations);
    return operations;
  };
  return {
    async call(actor, { input, invokedBy, operation: name, service }) {
      const operation = operationsOf(service)?.get(name);
      if (!operation) throw errors.unknownOperation({ service, what: name });
      const signal = new AbortController().signal;
      const context: OperationContext = { ...actor, requestId: options.ids.uuid(), signal };
      const origin = { address: invokedBy, userAgent: invokedBy, secure: true };
      const { entry } = operation;
      const call = {
        service,
        operation: entry,
        resources: [],
        input,
        context,
        origin,
        accessKeyId: '',
        invokedBy,
      };
      try {
        const { output, resources } = await perform(options, operation, input, context);
        await recordWith(options, { ...call, resources }, { status: 200, output });
        return output;
      } catch (error) {
        await recordWith(options, call satisfies ObservedCall, failure(error));
        throw error;
      }
    },
  };
}

async function perform(
  { authorizer }: OperationCallerOptions,
  { entry, schema, service, validate }: RegisteredOperation,
  json: unknown,
  context: OperationContext,
): Promise<{ readonly output: unknown; readonly resources: readonly string[] }> {
  const { handler, name } = entry;
  if (!handler) throw errors.notSupported({ operation: name, service: service.name });
  const reading = new ReadFaults();
  const input = readJson(schema.input, json, '', reading) as Record<string, unknown>;
  reading.check();
  const faults = validate(input);
  if (faults.length > 0) throw validationError(validationCode(service), faults);
  const resources = await entry.resources(input as never, context);
  await authorizeOperation(authorizer, entry, { input, context, resources });
  return { output: await handler(input as never, context), resources };
}
