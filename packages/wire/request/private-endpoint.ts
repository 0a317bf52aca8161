import type { Socket } from 'node:net';
import { errors } from '../errors.ts';
import type { Endpoint } from '../operation.ts';

const endpoints = new WeakMap<Socket, Endpoint>();

/** Marks a connection as one of a private endpoint: the listener that accepted it knows. */
export function markEndpoint(socket: Socket, endpoint: Endpoint): void {
  endpoints.set(socket, endpoint);
}

export function privateEndpointOf(socket: Socket): Endpoint | undefined {
  return endpoints.get(socket);
}

/** A private endpoint of one service takes nothing of another's. `service` as PrivateLink names it. */
export function refuseOtherEndpoint(socket: Socket, service: string): void {
  const endpoint = endpoints.get(socket);
  if (endpoint?.service === undefined || endpoint.service === service) return;
  throw errors.otherEndpoint({ id: endpoint.id, service: endpoint.service, asked: service });
}
