import { Readable } from 'node:stream';
import { ReadFaults } from '../codec/faults.ts';
import { formTree, readForm } from '../codec/query-read.ts';
import { escapeXml, textElement, writeXmlMembers } from '../codec/xml-write.ts';
import type { Service } from '../operation.ts';
import { type Incoming, parameter, readQuery } from '../request/incoming.ts';
import type { RegisteredOperation } from '../schema/registry.ts';
import { queryRefusals } from '../signature/errors.ts';
import { queryCode, validationCode } from './error-code.ts';
import type { Body, Match, ProtocolServer, Reply } from './protocol.ts';

/** awsQuery: the operation in the Action parameter of a form (or of the query string), answers in XML. */
export function awsQueryServer(
  service: Service,
  operations: ReadonlyMap<string, RegisteredOperation>,
): ProtocolServer {
  const namespace = service.xmlNamespace ?? '';
  const named = (action: string | undefined): Match | undefined => {
    const operation = operations.get(action ?? '');
    return operation && { operation, labels: new Map() };
  };
  return {
    protocol: service.protocol,
    refusals: queryRefusals,
    validationCode: validationCode(service),
    match: (incoming) => named(parameter(incoming, 'Action')),
    matchBody: (_, body) => named(form(body).find(([name]) => name === 'Action')?.[1]),
    describe: ({ method, path }) => `the Action of ${method} ${path}`,
    read: ({ operation }, incoming, body) => readParameters(operation, incoming, body),
    write: (operation, output, requestId) => writeAnswer(operation, output, requestId, namespace),
    writeError(error, requestId) {
      const fault = error.status < 500 ? 'Sender' : 'Receiver';
      const code = textElement('Code', queryCode(error.code));
      const body = `<Error><Type>${fault}</Type>${code}${textElement('Message', error.message)}</Error>`;
      const xml = document('ErrorResponse', namespace, body + textElement('RequestId', requestId));
      return { status: error.status, headers: XML, body: xml };
    },
  };
}

const XML = { 'content-type': 'text/xml' };

function form(body: Body): readonly (readonly [string, string])[] {
  return body instanceof Readable ? [] : readQuery(body.toString('utf8'), 'form');
}

function readParameters(
  { schema }: RegisteredOperation,
  incoming: Incoming,
  body: Body,
): Record<string, unknown> {
  const faults = new ReadFaults();
  const parameters = [...incoming.query, ...form(body)];
  const input = readForm(schema.input, formTree(parameters), '', faults);
  faults.check();
  return input as Record<string, unknown>;
}

function writeAnswer(
  { schema }: RegisteredOperation,
  output: unknown,
  requestId: string,
  namespace: string,
): Reply {
  const { name } = schema;
  const result = schema.output
    ? `<${name}Result>${writeXmlMembers(schema.output, output ?? {})}</${name}Result>`
    : '';
  const metadata = `<ResponseMetadata>${textElement('RequestId', requestId)}</ResponseMetadata>`;
  return { status: 200, headers: XML, body: document(`${name}Response`, namespace, result + metadata) };
}

function document(root: string, namespace: string, content: string): string {
  return `<${root} xmlns="${escapeXml(namespace)}">${content}</${root}>\n`;
}
