import { Readable } from 'node:stream';
import type { Clock, Log } from '@helicase/kernel';
import { openStreamedBody } from '../body/open-body.ts';
import type { RawService, RequestObserver } from '../operation.ts';
import { s3ErrorReply } from '../protocol/s3-error.ts';
import { s3Refusals } from '../signature/errors.ts';
import type { Guard } from '../signature/guard.ts';
import type { Door } from './door.ts';
import { Observed } from './observed.ts';
import { refuseOtherEndpoint } from './private-endpoint.ts';

interface RawDoorOptions {
  readonly regions: readonly string[];
  readonly observers?: readonly RequestObserver[];
  readonly log: Log;
  readonly clock: Clock;
}

/** The door of a service that speaks its own protocol (S3): authentication is ours, everything after is its. */
export function rawDoor(service: RawService, guard: Guard, options: RawDoorOptions): Door {
  const { regions } = options;
  return {
    refusals: s3Refusals,
    async serve(exchange, incoming, claim) {
      const { request, response, requestId, signal } = exchange;
      response.setHeader('x-amz-request-id', requestId);
      refuseOtherEndpoint(request.socket, service.name);
      const identity = await guard.identify(incoming, claim, s3Refusals, false);
      const opened = await openStreamedBody(incoming, identity, s3Refusals);
      exchange.owns(opened.body);
      guard.verify(incoming, identity, opened.payload, s3Refusals);
      const { scope, principal } = identity;
      const observed = new Observed(service.name, options, identity, incoming, exchange);
      await service.handle({
        request,
        response,
        requestId,
        signal,
        scope,
        principal,
        origin: observed.context.origin!,
        path: incoming.path,
        query: new URLSearchParams(incoming.query.map(([name, value]): [string, string] => [name, value])),
        host: incoming.host,
        body: opened.body as Readable,
        trailers: opened.trailers,
        record(operation, input, outcome) {
          observed.asks(operation);
          observed.resources = operation.resources;
          observed.input = input;
          return observed.record(outcome);
        },
      });
    },
    writeError(error, requestId, incoming) {
      // botocore finds its way to the right region by this element.
      const extra: Record<string, string> = error.key === 'wrongRegion' ? { Region: regions[0]! } : {};
      return s3ErrorReply(error, requestId, incoming?.path ?? '/', extra);
    },
  };
}
