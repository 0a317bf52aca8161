import {
  GetReadSetImportJobCommand,
  type GetReadSetImportJobResponse,
  type ImportReadSetSourceItem,
  OmicsClient,
  StartReadSetImportJobCommand,
} from '@aws-sdk/client-omics';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isFinal } from '../demo/waiting.ts';
import { type Manifest, readManifest } from '../import/manifest.ts';
import { UsageError } from '../usage-error.ts';
import { clientOptions } from './client-options.ts';

export interface ImportOptions {
  readonly data: string;
  readonly port: number | undefined;
  /** They win over the manifest's. */
  readonly store: string | undefined;
  readonly role: string | undefined;
}

/** Milliseconds. */
const POLL = 500;

/** Imports the read sets of a manifest and prints each source as it goes on; exit status 0 where all came in. */
export async function importReadSets(file: string, options: ImportOptions): Promise<number> {
  const manifest = readManifest(file, manifestText(file));
  const sequenceStoreId = given(options.store ?? manifest.sequenceStoreId, 'sequenceStoreId', '--store ID');
  const roleArn = given(options.role ?? manifest.roleArn, 'roleArn', '--role ARN');
  const client = new OmicsClient({ ...clientOptions(options.data, options.port), disableHostPrefix: true });
  try {
    const id = await start(client, manifest, sequenceStoreId, roleArn);
    console.log(
      `import job ${id}: ${manifest.sources.length} sources into sequence store ${sequenceStoreId}`,
    );
    const ended = await watch(client, manifest, { sequenceStoreId, id });
    console.log(`import job ${id}: ${ended.status}${ended.statusMessage ? `: ${ended.statusMessage}` : ''}`);
    return ended.status === 'COMPLETED' ? 0 : 1;
  } finally {
    client.destroy();
  }
}

function manifestText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The manifest cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function given(value: string | undefined, member: string, flag: string): string {
  if (value !== undefined) return value;
  throw new UsageError(`The manifest has no ${member}: add it there, or give ${flag}.`);
}

async function start(
  client: OmicsClient,
  manifest: Manifest,
  sequenceStoreId: string,
  roleArn: string,
): Promise<string> {
  const sources = [...manifest.sources];
  // With a token a request that the client repeats starts no second job.
  const request = { sequenceStoreId, roleArn, sources, clientToken: randomUUID() };
  try {
    return (await client.send(new StartReadSetImportJobCommand(request))).id!;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ValidationException') throw error;
    throw new UsageError(manifest.placed(error.message), { cause: error });
  }
}

/** Prints each source when its status changes, until the job has ended. */
async function watch(
  client: OmicsClient,
  manifest: Manifest,
  job: { readonly sequenceStoreId: string; readonly id: string },
): Promise<GetReadSetImportJobResponse> {
  const told: (string | undefined)[] = [];
  for (;;) {
    const answer = await client.send(new GetReadSetImportJobCommand(job)).catch((error: unknown) => {
      const again = `aws omics get-read-set-import-job --sequence-store-id ${job.sequenceStoreId} --id ${job.id}`;
      throw new Error(`${String(error)}. The job goes on in the server; ask for it with: ${again}`, {
        cause: error,
      });
    });
    for (const [index, source] of answer.sources!.entries()) {
      if (told[index] === source.status) continue;
      told[index] = source.status;
      if (source.status !== 'NOT_STARTED') console.log(line(manifest, source, index));
    }
    if (isFinal(answer.status)) return answer;
    await delay(POLL);
  }
}

function line(manifest: Manifest, source: ImportReadSetSourceItem, index: number): string {
  const { name, readSetId, sourceFiles, status, statusMessage } = source;
  const counted = `[${index + 1}/${manifest.sources.length}] ${name ?? sourceFiles!.source1}: ${status}`;
  if (status === 'FINISHED') return `${counted}, read set ${readSetId}`;
  if (status === 'IN_PROGRESS' || !statusMessage) return counted;
  return `${counted}: ${statusMessage} (${manifest.placeOf(['sources', index])})`;
}
