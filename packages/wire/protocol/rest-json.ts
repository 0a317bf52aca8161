import type { Service } from '../operation.ts';
import type { RegisteredOperation } from '../schema/registry.ts';
import { serviceRefusals } from '../signature/errors.ts';
import { validationCode } from './error-code.ts';
import type { ProtocolServer } from './protocol.ts';
import { readRestInput } from './rest-json-read.ts';
import { writeRestOutput } from './rest-json-write.ts';
import { RouteTable } from './route-table.ts';

/** restJson1: operations by method and path; members in path, query, headers and a JSON body. */
export function restJsonServer(
  service: Service,
  operations: ReadonlyMap<string, RegisteredOperation>,
): ProtocolServer {
  const routes = new RouteTable(operations.values());
  return {
    protocol: service.protocol,
    refusals: serviceRefusals,
    validationCode: validationCode(service),
    match: ({ method, path }) => routes.find(method, path),
    matchBody: () => undefined,
    describe: ({ method, path }) => `${method} ${path}`,
    read: readRestInput,
    write: writeRestOutput,
    writeError: (error) => ({
      status: error.status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
      body: JSON.stringify({ message: error.message }),
    }),
  };
}
