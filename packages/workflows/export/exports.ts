import type { Readable } from 'node:stream';
import type { BlobRef, Vault } from '@helicase/blobs';
import { type Clock, type Scope, ServiceError } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { PageTokens } from '@helicase/wire';
import type { DefinitionKey } from '../run/model.ts';
import type { WorkflowTable } from '../workflow/model.ts';
import type { WorkflowVersionTable } from '../workflow-version/model.ts';

/** What of a workflow or a version is handed out by URL. */
export type ExportedPart = 'definition' | 'readme';

export interface ExportedFile {
  readonly name: string;
  readonly size: number;
  readonly type: string;
  readonly body: Readable;
}

/** URLs that hand out definitions and READMEs for a while to whoever has them, as presigned S3 URLs do. */
export interface Exports {
  /** Below `endpoint`; at most 256 characters, as the API has it. */
  url(endpoint: string, scope: Scope, definition: DefinitionKey, part: ExportedPart): string;
  /** What a URL stands for; undefined where it is none, too old, or what it named is gone. */
  open(account: string, region: string, token: string): Promise<ExportedFile | undefined>;
}

export const EXPORTS_PATH = '/helicase/exports/';

/** Milliseconds. */
const VALID = 15 * 60 * 1000;

const FILES = {
  definition: { name: 'definition.zip', type: 'application/zip' },
  readme: { name: 'README.md', type: 'text/markdown; charset=utf-8' },
} as const;

export interface ExportsOptions {
  readonly records: Records;
  readonly workflows: WorkflowTable;
  readonly workflowVersions: WorkflowVersionTable;
  readonly vault: Vault;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
}

export function createExports(options: ExportsOptions): Exports {
  const { clock, pageTokens, vault } = options;
  const binding = (scope: Scope) => ({ scope, operation: 'export', filter: null });
  return {
    url(endpoint, scope, { id, kind }, part) {
      const token = pageTokens.issue(binding(scope), [kind, id, part, clock.now() + VALID]);
      return `${endpoint}${EXPORTS_PATH}${scope.account}/${scope.region}?token=${token}`;
    },
    async open(account, region, token) {
      const scope = { account, region };
      const position = readToken(pageTokens, binding(scope), token);
      if (!position || Number(position[3]) < clock.now()) return undefined;
      const [kind, id, part] = position as ['workflow' | 'version', string, ExportedPart];
      const blob = await blobOf(options, scope, { kind, id }, part);
      return blob && { ...FILES[part], size: blob.size, body: vault.read(blob) };
    },
  };
}

function readToken(tokens: PageTokens, binding: Parameters<PageTokens['read']>[0], token: string) {
  try {
    return tokens.read(binding, token);
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

async function blobOf(
  { records, workflowVersions, workflows }: ExportsOptions,
  scope: Scope,
  { id, kind }: DefinitionKey,
  part: ExportedPart,
): Promise<BlobRef | undefined> {
  const table = kind === 'workflow' ? workflows : workflowVersions;
  return (await table.find(records.direct, scope, id))?.doc[part];
}
