import { Readable } from 'node:stream';
import type { Clock, Log } from '@helicase/kernel';
import { type OpenedBody, openStreamedBody } from '../body/open-body.ts';
import type { RawService, RequestObserver } from '../operation.ts';
import { s3ErrorReply } from '../protocol/s3-error.ts';
import { s3Refusals } from '../signature/errors.ts';
import type { Guard } from '../signature/guard.ts';
import type { Door } from './door.ts';
import { failure, Observed } from './observed.ts';
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
      const { scope, principal } = identity;
      const observed = new Observed(service.name, options, identity, incoming, exchange);
      const query = new URLSearchParams(
        incoming.query.map(([name, value]): [string, string] => [name, value]),
      );
      const { path, host } = incoming;
      let opened: OpenedBody;
      try {
        if (identity.refusal) throw identity.refusal;
        opened = await openStreamedBody(incoming, identity, s3Refusals);
        exchange.owns(opened.body);
        guard.verify(incoming, identity, opened.payload, s3Refusals, service.bucketOf?.({ host, scope }));
      } catch (error) {
        const asked = service.describe?.({ request, path, query, host, scope });
        if (asked) await observed.recordAs(asked.operation, asked.input, failure(error));
        throw error;
      }
      await service.handle({
        request,
        response,
        requestId,
        signal,
        scope,
        principal,
        origin: observed.context.origin!,
        path,
        query,
        host,
        body: opened.body as Readable,
        trailers: opened.trailers,
        record: (operation, input, outcome) => observed.recordAs(operation, input, outcome),
      });
    },
    writeError(error, requestId, incoming) {
      // botocore finds its way to the right region by this element.
      const extra: Record<string, string> = error.key === 'wrongRegion' ? { Region: regions[0]! } : {};
      return s3ErrorReply(error, requestId, incoming?.path ?? '/', extra);
    },
  };
}
