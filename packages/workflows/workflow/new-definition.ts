import { createHash } from 'node:crypto';
import type {
  CreateWorkflowRequest,
  CreateWorkflowVersionRequest,
  DefinitionRepository,
} from '@aws-sdk/client-omics';
import { type BlobRef, type Objects, parseS3Uri, type Vault } from '@helicase/blobs';
import type { Actor, Ids, Scope } from '@helicase/kernel';
import type { Language } from '@helicase/runtime';
import { errors } from '../errors.ts';
import { given } from '../given.ts';
import type { WorkflowLimits } from '../limits.ts';
import type { CodeConnections, DefinitionChecker } from '../ports.ts';
import { repositoryFault } from '../repository/git-archive.ts';
import { requireOwner } from './bucket-owner.ts';
import type { WorkflowDoc } from './model.ts';

/** What CreateWorkflow and CreateWorkflowVersion have in common. */
export type DefinitionRequest = Pick<
  CreateWorkflowRequest & CreateWorkflowVersionRequest,
  keyof CreateWorkflowRequest & keyof CreateWorkflowVersionRequest
>;

export interface NewDefinitionOptions {
  readonly vault: Vault;
  readonly ids: Ids;
  readonly limits: WorkflowLimits;
}

/** Members of which at most one says where the README is, or the template, or the registry map. */
const ALTERNATIVES = [
  ['readmeMarkdown', 'readmePath', 'readmeUri'],
  ['parameterTemplate', 'parameterTemplatePath'],
  ['containerRegistryMap', 'containerRegistryMapUri'],
] as const satisfies readonly (readonly (keyof DefinitionRequest)[])[];

export interface CheckRequestOptions {
  readonly checkers: Partial<Readonly<Record<Language, DefinitionChecker>>>;
  readonly objects: Objects;
  readonly connections: CodeConnections;
  readonly limits: WorkflowLimits;
}

/** Everything of a definition request that is wrong whatever the definition holds. */
export async function checkDefinitionRequest(
  options: CheckRequestOptions,
  actor: Actor,
  input: DefinitionRequest,
): Promise<void> {
  checkMembers(options, input);
  const { definitionRepository, definitionUri, workflowBucketOwnerId: owner } = input;
  if (definitionUri?.startsWith('s3://') && owner !== undefined)
    await requireOwner(options.objects, actor, definitionUri, owner);
  if (definitionRepository) await requireConnection(options.connections, actor, definitionRepository);
}

async function requireConnection(
  connections: CodeConnections,
  actor: Actor,
  { connectionArn: arn }: DefinitionRepository,
): Promise<void> {
  if (!(await connections.use(actor, arn!))) throw errors.connectionNotFound({ arn: arn! });
}

function checkMembers({ checkers, limits }: CheckRequestOptions, input: DefinitionRequest): void {
  const { containerRegistryMapUri, definitionRepository, definitionUri, definitionZip, engine } = input;
  if (engine !== undefined && !checkers[engine]) {
    throw errors.engineUnsupported({ engine, engines: Object.keys(checkers).join(', ') });
  }
  for (const members of ALTERNATIVES) {
    const given = members.filter((member) => input[member] !== undefined);
    if (given.length > 1) throw errors.alternatives({ members: given.join(' and ') });
  }
  const sources = [definitionZip, definitionUri, definitionRepository].filter(
    (source) => source !== undefined,
  );
  if (sources.length !== 1) throw errors.definitionMissing({});
  const problem = definitionRepository && repositoryFault(definitionRepository);
  if (problem !== undefined) throw errors.repositoryWrong({ problem });
  if (definitionUri !== undefined && !isDefinitionUri(definitionUri)) {
    throw errors.definitionUriForm({ uri: definitionUri });
  }
  if (containerRegistryMapUri !== undefined && !parseS3Uri(containerRegistryMapUri)?.key) {
    throw errors.registryMapUriForm({ uri: containerRegistryMapUri });
  }
  const limit = limits.zip.archiveBytes;
  if (definitionZip && definitionZip.length > limit) {
    throw errors.definitionTooLarge({ size: definitionZip.length, limit });
  }
}

/** The guide, "Workflow run parameters and inputs", takes a read set's URI as definition too. */
function isDefinitionUri(uri: string): boolean {
  return uri.startsWith('omics://') || Boolean(parseS3Uri(uri)?.key);
}

/** A definition as it is before registration looked into it. Its blobs are kept by the transaction that inserts it. */
export async function newDefinition(
  options: NewDefinitionOptions,
  scope: Scope,
  id: string,
  input: DefinitionRequest,
): Promise<{ readonly doc: WorkflowDoc; readonly blobs: readonly BlobRef[] }> {
  const { definitionZip, readmeMarkdown } = input;
  const stored = definitionZip && (await storeDefinition(options.vault, scope, id, definitionZip));
  const readme =
    readmeMarkdown === undefined
      ? undefined
      : await storeText(options.vault, scope, id, Buffer.from(readmeMarkdown));
  const doc = { ...docOf(options, input), ...stored, ...(readme && { readme }) };
  return { doc, blobs: [stored?.definition, readme].filter((blob) => blob !== undefined) };
}

function docOf({ ids }: NewDefinitionOptions, input: DefinitionRequest): WorkflowDoc {
  const { accelerators, containerRegistryMap, description, storageCapacity } = input;
  const { containerRegistryMapUri, definitionUri, engine, main, parameterTemplate } = input;
  const { definitionRepository, parameterTemplatePath, readmePath, readmeUri, workflowBucketOwnerId } = input;
  return {
    uuid: ids.uuid(),
    tags: input.tags ?? {},
    storageType: input.storageType ?? 'STATIC',
    ...given({ accelerators, containerRegistryMap, description, storageCapacity }),
    requested: {
      ...given({ engine, main, definitionUri, parameterTemplate, parameterTemplatePath }),
      ...given({ readmePath, readmeUri, containerRegistryMapUri }),
      ...given({ definitionRepository, workflowBucketOwnerId }),
    },
  };
}

/** Seals the zip under the workflow's key. The caller keeps the blob in the transaction that points to it. */
export async function storeDefinition(
  vault: Vault,
  scope: Scope,
  id: string,
  archive: Uint8Array,
): Promise<{ readonly definition: BlobRef; readonly digest: string }> {
  const definition = await storeText(vault, scope, id, archive);
  return { definition, digest: `sha256:${createHash('sha256').update(archive).digest('hex')}` };
}

export async function storeText(vault: Vault, scope: Scope, id: string, bytes: Uint8Array): Promise<BlobRef> {
  const sink = await vault.create({ scope, sealedFor: `workflow/${id}` });
  await sink.write(bytes);
  return sink.finish();
}
