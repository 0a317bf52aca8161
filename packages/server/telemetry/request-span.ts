import { type Context, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { CallOutcome, ObservedCall } from '@helicase/wire';

/** One request: who was asked for what and how it ended. Nothing of its parameters, which may tell of a patient. */
export function tellRequest(
  tracer: Tracer,
  client: Context,
  { context, operation, origin, service }: ObservedCall,
  { code, status }: CallOutcome,
  now: number,
): void {
  const { requestId, scope } = context;
  const span = tracer.startSpan(
    `${service}/${operation.name}`,
    {
      kind: SpanKind.SERVER,
      startTime: origin.receivedAt ?? now,
      attributes: {
        ...{ 'rpc.system': 'aws-api', 'rpc.service': service, 'rpc.method': operation.name },
        ...{ 'http.response.status_code': status, 'aws.request_id': requestId },
        ...{ 'cloud.account.id': scope.account, 'cloud.region': scope.region },
        ...(code === undefined ? {} : { 'error.type': code }),
      },
    },
    client,
  );
  // What a client did wrong is no error of the server's: the conventions for HTTP servers.
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(now);
}
