import { Readable } from 'node:stream';
import { ReadFaults } from '../codec/faults.ts';
import { parseJsonObject, readJson } from '../codec/json-read.ts';
import { writeJson } from '../codec/json-write.ts';
import type { EventStream, Service } from '../operation.ts';
import type { RegisteredOperation } from '../schema/registry.ts';
import { serviceRefusals } from '../signature/errors.ts';
import { validationCode } from './error-code.ts';
import { eventStreamOf, messagesOf } from './event-stream.ts';
import type { Body, ProtocolServer } from './protocol.ts';

/** awsJson1_0 and awsJson1_1: the operation after the last dot of X-Amz-Target, everything else in the body. */
export function awsJsonServer(
  service: Service,
  operations: ReadonlyMap<string, RegisteredOperation>,
): ProtocolServer {
  const contentType = `application/x-amz-json-${service.protocol === 'awsJson1_0' ? '1.0' : '1.1'}`;
  const reply = (status: number, value: unknown) => ({
    status,
    headers: { 'content-type': contentType },
    body: JSON.stringify(value),
  });
  return {
    protocol: service.protocol,
    refusals: serviceRefusals,
    validationCode: validationCode(service),
    match({ headers }) {
      const target = headers.get('x-amz-target') ?? '';
      const operation = operations.get(target.slice(target.lastIndexOf('.') + 1));
      return operation && { operation, labels: new Map() };
    },
    matchBody: () => undefined,
    describe: ({ headers }) => `X-Amz-Target "${headers.get('x-amz-target') ?? ''}"`,
    read: (match, _, body) => readBody(match.operation, body),
    write: ({ schema }, output) => {
      if (!schema.output) return reply(200, {});
      const stream = eventStreamOf(schema.output);
      const document = writeJson(schema.output, output ?? {});
      if (!stream) return reply(200, document);
      const events = (output as Readonly<Record<string, EventStream>>)[stream.name]!;
      const body = Readable.from(messagesOf(stream.events, contentType, document, events));
      return { status: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body };
    },
    writeError: (error) => {
      const answer = reply(error.status, { ...error.members, __type: error.code, message: error.message });
      return { ...answer, headers: { ...answer.headers, 'x-amzn-errortype': error.code } };
    },
  };
}

function readBody({ schema }: RegisteredOperation, body: Body): Record<string, unknown> {
  if (body instanceof Readable) return {};
  const faults = new ReadFaults();
  const input = readJson(schema.input, parseJsonObject(body), '', faults);
  faults.check();
  return input as Record<string, unknown>;
}
