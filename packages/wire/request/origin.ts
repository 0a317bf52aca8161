import type { IncomingMessage } from 'node:http';
import type { Origin } from '../operation.ts';
import type { Claim } from '../signature/claim.ts';
import { privateEndpointOf } from './private-endpoint.ts';
import type { Incoming } from './incoming.ts';

/** Where a request came from. Headers that a proxy may have set are not believed: anyone can write them. */
export function originOf({ request }: Incoming, claim: Claim, now: number): Origin {
  return {
    ...peerOf(request),
    receivedAt: now,
    signedBy: claim.place,
    ...(claim.time === undefined ? {} : { signatureAge: Math.max(0, now - claim.time) }),
  };
}

/** What is known of whoever sent a request, signed or not. */
export function peerOf({ headers, socket }: IncomingMessage): Origin {
  const { referer, traceparent } = headers;
  const endpoint = privateEndpointOf(socket);
  return {
    // A listener on :: sees IPv4 clients as ::ffff:10.0.0.1.
    address: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    userAgent: headers['user-agent'],
    secure: 'encrypted' in socket,
    ...(referer === undefined ? {} : { referer }),
    ...(endpoint ? { endpoint } : {}),
    ...(typeof traceparent === 'string' ? { traceParent: traceparent } : {}),
  };
}
