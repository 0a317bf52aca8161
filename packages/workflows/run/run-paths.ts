import { join } from 'node:path';
import type { Scope } from '@helicase/kernel';

/** Where one run's private files lie. */
export interface RunPaths {
  /** The run's name among all runs of this host: its folder, and part of its tasks' names. */
  readonly name: string;
  readonly root: string;
  readonly definition: string;
  /** The engine's own folder. */
  readonly engine: string;
  /** Folders put together from several objects. */
  readonly inputs: string;
}

export function runPaths(directory: string, scope: Scope, runId: string): RunPaths {
  const name = `${scope.account}.${scope.region}.${runId}`;
  const root = join(directory, name);
  return {
    name,
    root,
    definition: join(root, 'definition'),
    engine: join(root, 'engine'),
    inputs: join(root, 'inputs'),
  };
}

/** The run that a folder below the runs' directory belongs to; undefined for other names. */
export function parseRunName(name: string): { readonly scope: Scope; readonly runId: string } | undefined {
  const match = /^(\d{12})\.([a-z0-9-]+)\.(\d+)$/.exec(name);
  return match ? { scope: { account: match[1]!, region: match[2]! }, runId: match[3]! } : undefined;
}
