import { join } from 'node:path';
import type { Clock, Log } from '@helicase/kernel';
import {
  archiveSource,
  type Backend,
  type ControlGroups,
  createContainerBackend,
  createSandboxBackend,
  detectControlGroups,
  type ImageSource,
  ImageStore,
  podmanSource,
  type RegistryMap,
  registrySource,
} from '@helicase/runtime';
import type { DataDirectory } from './data-directory.ts';

export interface BackendOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Image names as workflows write them -> where they are. */
  readonly registries: RegistryMap;
  /** Asked before the machine's own. */
  readonly imageSources: readonly ImageSource[];
}

/** The places where this machine can run tasks. One that cannot work here says why when it is asked. */
export function makeBackends(directory: DataDirectory, options: BackendOptions): readonly Backend[] {
  const { clock, imageSources, log, registries } = options;
  const groups = (what: string) => once(() => detectControlGroups({ owner: groupOwner(directory, what) }));
  const images = new ImageStore({
    directory: join(directory.backends, 'images'),
    sources: [...imageSources, archiveSource(directory.images), podmanSource(), registrySource()],
    registryMap: registries,
  });
  return [
    createSandboxBackend({
      clock,
      log,
      directory: join(directory.backends, 'sandbox'),
      programs: directory.native,
      groups: groups('tasks'),
    }),
    createContainerBackend({
      clock,
      log,
      directory: join(directory.backends, 'container'),
      images,
      groups: groups('containers'),
    }),
  ];
}

/** Names our part of the control groups: servers on one machine have different data directories. */
function groupOwner(directory: DataDirectory, what: string): string {
  const name = Buffer.from(directory.root).toString('base64url').slice(-40);
  return `helicase-${what}-${name}`;
}

/** Control groups for engines, or none where the machine gives none: engines then run without limits of their own. */
export function engineGroups(directory: DataDirectory, log: Log): { readonly groups?: ControlGroups } {
  try {
    return { groups: detectControlGroups({ owner: groupOwner(directory, 'engines') }) };
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'engines run without control groups');
    return {};
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
