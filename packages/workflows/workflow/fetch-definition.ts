import { type Actor, ServiceError } from '@helicase/kernel';
import { DefinitionProblem } from '../definition/definition-problem.ts';
import type { WorkflowLimits } from '../limits.ts';
import type { CodeConnections } from '../ports.ts';
import type { Connection } from '../repository/connection.ts';
import { archiveRepository } from '../repository/git-archive.ts';
import { fetchSource, type SourceOptions } from './fetch-source.ts';
import type { WorkflowDoc } from './model.ts';

export interface FetchDefinitionOptions extends SourceOptions {
  readonly connections: CodeConnections;
  /** Where repositories are copied to for a moment. */
  readonly clones: string;
  readonly limits: WorkflowLimits;
}

export interface FetchedDefinition extends Pick<WorkflowDoc, 'repositoryProvider'> {
  /** The zip. */
  readonly archive: Buffer;
}

/** The definition from where the request says it lies, in the requester's name; DefinitionProblem where it cannot be had. */
export async function fetchDefinition(
  options: FetchDefinitionOptions,
  { actor, signal }: { readonly actor: Actor; readonly signal: AbortSignal },
  { definitionRepository: repository, definitionUri }: WorkflowDoc['requested'],
): Promise<FetchedDefinition> {
  const limit = options.limits.zip.archiveBytes;
  if (!repository) {
    return { archive: await fetchSource(options, actor, 'definitionUri', definitionUri!, limit) };
  }
  const connection = await useConnection(options.connections, actor, repository.connectionArn!);
  const { clones: directory } = options;
  return {
    archive: await archiveRepository({ connection, directory, limit, signal }, repository),
    repositoryProvider: { providerType: connection.provider, providerEndpoint: connection.endpoint },
  };
}

/** It was there when the workflow was created; since then it may be gone, or closed to its creator. */
async function useConnection(connections: CodeConnections, actor: Actor, arn: string): Promise<Connection> {
  try {
    const connection = await connections.use(actor, arn);
    if (connection) return connection;
  } catch (error) {
    if (error instanceof ServiceError && error.status < 500) throw new DefinitionProblem(error.message);
    throw error;
  }
  throw new DefinitionProblem(`This server has no connection ${arn} any more.`);
}
