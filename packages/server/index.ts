import { resolve } from 'node:path';
import type { CoverageRow } from '@helicase/wire';
import type { BackupManifest, Report } from './backup-folder.ts';
import type { Administration } from './administration.ts';
import type { Configuration } from './configuration.ts';
import type { Examination } from './examination.ts';
import type { Integrity, IntegrityOptions } from './integrity.ts';
import { dataDirectory } from './data-directory.ts';
import type { ScrubState } from './scrub-state.ts';
import type { RunningServer } from './server.ts';

export { type BackupManifest, BackupRefused, type Report } from './backup-folder.ts';
export { type Configuration, ConfigurationError, readConfiguration } from './configuration.ts';
export { type Endpoint, readCredentials, readEndpoint, type StoredCredentials } from './credentials.ts';
export type { Administration } from './administration.ts';
export { DataDirectoryRefused } from './data-directory.ts';
export type { Check, Examination } from './examination.ts';
export type { Integrity, IntegrityOptions } from './integrity.ts';
export type { ScrubFault, ScrubPass, ScrubState } from './scrub-state.ts';
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

/** What an operator does beside a server that may be running. Throws DataDirectoryRefused. */
export async function administer<T>(
  configuration: Configuration,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  return (await import('./administration.ts')).administer(configuration, work);
}

/** Checks a stopped server's records against its bytes, both ways. Throws DataDirectoryRefused. */
export async function checkIntegrity(
  configuration: Configuration,
  options?: IntegrityOptions,
): Promise<Integrity> {
  return (await import('./integrity.ts')).checkIntegrity(configuration, options);
}

/** How far a data directory's scrubber is and what it found, whether a server runs or not; undefined before the first. */
export async function scrubState(data: string): Promise<ScrubState | undefined> {
  const { readScrubState } = await import('./scrub-state.ts');
  return readScrubState(dataDirectory(resolve(data)).scrub);
}

/** A consistent copy of a data directory that a server may be using. Throws BackupRefused. */
export async function backUp(
  configuration: Configuration,
  target: string,
  report: Report,
): Promise<BackupManifest> {
  return (await import('./backup.ts')).backUp(configuration, target, report);
}

/** Fills an empty data directory from a backup. Throws BackupRefused; `checkIntegrity` should follow. */
export async function restore(
  source: string,
  configuration: Configuration,
  report: Report,
): Promise<BackupManifest> {
  return (await import('./restore.ts')).restore(source, configuration, report);
}

/** Every operation that the endpoint knows; `folder` is an empty one that may be used. */
export async function operationTable(folder: string): Promise<readonly CoverageRow[]> {
  return (await import('./operation-table.ts')).operationTable(folder);
}
