import type { Scope } from '@helicase/kernel';
import { byArn, materializeReference } from '../reference/references.ts';
import type { Room } from '../room.ts';

/** Lends the linked reference as a local FASTA file, where there is one. */
export async function withReference<T>(
  room: Room,
  scope: Scope,
  arn: string | undefined,
  use: (path: string | undefined) => Promise<T>,
): Promise<T> {
  if (arn === undefined) return use(undefined);
  const fasta = await materializeReference(room, await byArn(room, scope, arn));
  try {
    return await use(fasta.path);
  } finally {
    await fasta.release();
  }
}
