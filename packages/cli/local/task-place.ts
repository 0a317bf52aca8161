import { UsageError } from '../usage-error.ts';
import type { LocalImages } from './host.ts';

export interface TaskPlaceFlags {
  readonly noContainer?: boolean;
  readonly noSandbox?: boolean;
  readonly images?: string;
}

/** Where the flags let tasks run: in their images, in the sandbox with this machine's programs, or without any wall. */
export function taskPlace({ images, noContainer, noSandbox }: TaskPlaceFlags): {
  readonly sandbox: boolean;
  readonly images?: LocalImages;
} {
  const without = noSandbox === true ? '--no-sandbox' : noContainer === true ? '--no-container' : undefined;
  if (without !== undefined && images !== undefined)
    throw new UsageError(`${without} and --images contradict each other.`);
  const folder = images === undefined ? {} : { folder: images };
  return { sandbox: noSandbox !== true, ...(without === undefined && { images: folder }) };
}
