import type { CoverageRow } from '@helicase/wire';
import type { Configuration } from './configuration.ts';
import type { Examination } from './examination.ts';
import type { Integrity } from './integrity.ts';
import type { RunningServer } from './server.ts';

export { type Configuration, ConfigurationError, readConfiguration } from './configuration.ts';
export { type Endpoint, readCredentials, readEndpoint, type StoredCredentials } from './credentials.ts';
export { DataDirectoryRefused } from './data-directory.ts';
export type { Check, Examination } from './examination.ts';
export type { Integrity } from './integrity.ts';
export type { StoredKind } from './sealing-list.ts';
export type { RunningServer } from './server.ts';

// What needs the rooms loads them when it is called: `helicase env` should not wait for a database.

/** Opens the data directory, wires the rooms, listens. Throws ConfigurationError or DataDirectoryRefused. */
export async function startServer(configuration: Configuration): Promise<RunningServer> {
  return (await import('./server.ts')).startServer(configuration);
}

/** What `helicase doctor` tells of this machine and a data directory. Changes nothing. */
export async function examine(data: string, environment: NodeJS.ProcessEnv): Promise<Examination> {
  return (await import('./examination.ts')).examine(data, environment);
}

/** Checks a stopped server's records against its bytes, both ways; changes nothing. */
export async function checkIntegrity(configuration: Configuration): Promise<Integrity> {
  return (await import('./integrity.ts')).checkIntegrity(configuration);
}

/** Every operation that the endpoint knows; `folder` is an empty one that may be used. */
export async function operationTable(folder: string): Promise<readonly CoverageRow[]> {
  return (await import('./operation-table.ts')).operationTable(folder);
}
