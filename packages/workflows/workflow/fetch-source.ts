import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Objects } from '@helicase/blobs';
import { type Actor, ServiceError } from '@helicase/kernel';
import { DefinitionProblem } from '../definition/definition-problem.ts';
import type { OmicsFiles } from '../ports.ts';

export interface SourceOptions {
  readonly objects: Objects;
  readonly omicsFiles: OmicsFiles;
}

/** What a request's member names by URI, in the requester's name; DefinitionProblem where it cannot be had. */
export async function fetchSource(
  options: SourceOptions,
  actor: Actor,
  member: string,
  uri: string,
  limit: number,
): Promise<Buffer> {
  const refuseAbove = (size: number) => {
    if (size > limit)
      throw new DefinitionProblem(`${member} ${uri} has ${size} bytes; at most ${limit} are allowed.`);
  };
  try {
    if (uri.startsWith('omics://')) return await fetchOmicsFile(options, actor, uri, refuseAbove);
    const { body, size } = await options.objects.open(actor, uri);
    body.on('error', () => {}); // told by buffer(), or of no interest once refused
    try {
      refuseAbove(size);
      return await buffer(body);
    } finally {
      body.destroy();
    }
  } catch (error) {
    if (error instanceof ServiceError && error.status < 500) {
      throw new DefinitionProblem(`${member} ${uri} cannot be read: ${error.message}`);
    }
    throw error;
  }
}

async function fetchOmicsFile(
  { omicsFiles }: SourceOptions,
  actor: Actor,
  uri: string,
  refuseAbove: (size: number) => void,
): Promise<Buffer> {
  refuseAbove((await omicsFiles.head(actor, uri)).size);
  const { path, release } = await omicsFiles.materialize(actor, uri);
  try {
    return await readFile(path);
  } finally {
    await release();
  }
}
