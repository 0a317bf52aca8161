import type { Socket } from 'node:net';
import type { Endpoint } from '../operation.ts';

const endpoints = new WeakMap<Socket, Endpoint>();

/** Marks a connection as one of a private endpoint: the listener that accepted it knows. */
export function markEndpoint(socket: Socket, endpoint: Endpoint): void {
  endpoints.set(socket, endpoint);
}

export function privateEndpointOf(socket: Socket): Endpoint | undefined {
  return endpoints.get(socket);
}
