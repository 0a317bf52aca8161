import type { AnyOperation, Service } from '../operation.ts';
import { compileValidator, type Validator } from '../validation/validator.ts';
import { type OperationSchema, operationSchemas } from './operation-schema.ts';
import type { Member } from './shape.ts';

/** An operation of a service: its schema, its table entry, and what is worked out from both once. */
export interface RegisteredOperation {
  readonly service: Service;
  readonly schema: OperationSchema;
  /** The room's entry; one without handler where no room has it. */
  readonly entry: AnyOperation;
  readonly validate: Validator;
  /** The member whose bytes are given as they come, without buffering. */
  readonly streamedInput: Member | undefined;
  /** The member that makes a repeated request one request. */
  readonly tokenMember: Member | undefined;
}

/** Every operation of the service's schemas, by name. Throws where an entry names none of them. */
export function registerOperations(service: Service): ReadonlyMap<string, RegisteredOperation> {
  const schemas = operationSchemas(service.schemas);
  const entries = new Map(service.operations.map((entry) => [entry.name, entry]));
  for (const name of entries.keys()) {
    if (!schemas.has(name))
      throw new Error(`The table of ${service.name} has ${name}, which its schemas lack`);
  }
  const registered = [...schemas.values()].map((schema) =>
    register(service, schema, entries.get(schema.name) ?? absent(service, schema.name)),
  );
  return new Map(registered.map((operation) => [operation.schema.name, operation]));
}

function register(service: Service, schema: OperationSchema, entry: AnyOperation): RegisteredOperation {
  let validate: Validator | undefined;
  return {
    service,
    schema,
    entry,
    get validate() {
      return (validate ??= compileValidator(schema.input, service.constraints?.[schema.name] ?? {}));
    },
    get streamedInput() {
      return schema.input.members.find(
        ({ traits, shape }) => traits['httpPayload'] && shape.kind === 'stream',
      );
    },
    get tokenMember() {
      const { members } = schema.input;
      // Imports take a clientToken too, which clients do not fill in by themselves and the schema does not mark.
      return (
        members.find(({ traits }) => traits['idempotencyToken']) ??
        members.find(({ name }) => name === 'clientToken')
      );
    },
  };
}

function absent(service: Service, name: string): AnyOperation {
  const readOnly = /^(?:Get|List|Describe|BatchGet)/.test(name);
  return { name, action: `${service.name}:${name}`, resources: () => [], readOnly, quota: name };
}
