import { symlink } from 'node:fs/promises';
import type { Materialized } from '@helicase/blobs';
import type { Contig } from '@helicase/formats';
import type { Actor, Scope } from '@helicase/kernel';
import { parseReferenceArn } from '../arns.ts';
import { errors } from '../errors.ts';
import type { Room } from '../room.ts';
import { contigsOf } from './contigs.ts';
import type { ReferenceRow } from './operations.ts';

export interface ReferenceFacts {
  readonly arn: string;
  readonly name: string;
  /** Hex MD5 of the FASTA file. */
  readonly md5: string;
}

/**
 * References for other rooms, by ARN, in somebody's name. An ARN of another account or region, or of no reference,
 * is ResourceNotFoundException.
 */
export interface References {
  find(actor: Actor, arn: string): Promise<ReferenceFacts | undefined>;
  /** In the file's order. */
  contigs(actor: Actor, arn: string): Promise<readonly Contig[]>;
  /** The FASTA at a local path, with `.fai` (and `.gzi` for bgzip) beside it under the same name. */
  materialize(actor: Actor, arn: string): Promise<Materialized>;
}

export function createReferences(room: Room): References {
  return {
    find: async (actor, arn) => {
      const row = await lookUp(room, actor.scope, arn);
      return row && { arn, name: row.doc.name, md5: row.doc.md5 };
    },
    contigs: async (actor, arn) => contigsOf(room, await byArn(room, actor.scope, arn)),
    materialize: async (actor, arn) => materializeReference(room, await byArn(room, actor.scope, arn)),
  };
}

async function lookUp(room: Room, scope: Scope, arn: string): Promise<ReferenceRow | undefined> {
  const parts = parseReferenceArn(scope, arn);
  const row = parts && (await room.tables.references.find(room.records.direct, scope, parts.id));
  return row?.parent === parts?.store ? row : undefined;
}

/** The reference, or ResourceNotFoundException naming the ARN. */
export async function byArn(room: Room, scope: Scope, arn: string): Promise<ReferenceRow> {
  const row = await lookUp(room, scope, arn);
  if (!row) throw errors.referenceArnNotFound({ arn });
  return row;
}

/** Tools look for the indexes beside the file, so that links of one folder lead to the files wherever they lie. */
export async function materializeReference(room: Room, reference: ReferenceRow): Promise<Materialized> {
  const { source, index, blockIndex } = reference.doc.files;
  const place = await room.vault.reserveScratch(source.name);
  const held: Materialized[] = [place];
  const release = async (): Promise<void> => void (await Promise.all(held.map((one) => one.release())));
  try {
    const files = [
      [source, ''] as const,
      [index, '.fai'] as const,
      ...(blockIndex ? [[blockIndex, '.gzi'] as const] : []),
    ];
    for (const [file, suffix] of files) {
      const plain = await room.vault.materialize(file.blob, file.name);
      held.push(plain);
      await symlink(plain.path, place.path + suffix);
    }
    return { path: place.path, release };
  } catch (error) {
    await release();
    throw error;
  }
}
