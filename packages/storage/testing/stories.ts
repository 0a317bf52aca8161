import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type {
  CreateReferenceStoreResponse,
  CreateSequenceStoreResponse,
  GetReadSetImportJobResponse,
  GetReadSetMetadataResponse,
  GetReferenceImportJobResponse,
  StartReadSetImportJobResponse,
  StartReferenceImportJobResponse,
} from '@aws-sdk/client-omics';
import { runCommand, type Scope } from '@helicase/kernel';
import type { StreamedPayload } from '@helicase/wire';
import { referenceArn } from '../arns.ts';
import { openWorld, ROLE, SCOPE, type World, type WorldOptions } from './world.ts';

/** The small real data that lies beside the repository. */
const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
export const data = (path: string): string => join(DATA, path);
export const dataMissing = existsSync(DATA) ? false : `the test data is not at ${DATA}`;

export async function temporaryWorld(
  options: Omit<WorldOptions, 'folder'> = {},
): Promise<World & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'helicase-storage-'));
  const world = await openWorld({ ...options, folder });
  const close = async (): Promise<void> => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...world, folder, close };
}

/** Puts a file or bytes into the bucket `reads`, and answers the URI. */
export async function upload(world: World, name: string, content: string | Uint8Array): Promise<string> {
  const uri = `s3://reads/${name}`;
  const path = world.objects.pathOf(uri);
  await mkdir(dirname(path), { recursive: true });
  await (typeof content === 'string' ? cp(content, path) : writeFile(path, content));
  return uri;
}

export async function run(program: string, args: readonly string[], input?: Uint8Array): Promise<string> {
  const result = await runCommand(program, args, input ? { input } : {});
  if (result.code !== 0) throw new Error(`${program} ended with ${result.code}: ${result.stderr}`);
  return result.stdout;
}

export async function newSequenceStore(world: World, more: object = {}): Promise<string> {
  const store = await world.call<CreateSequenceStoreResponse>('CreateSequenceStore', {
    name: 'reads',
    ...more,
  });
  return store.id!;
}

/** Imports a FASTA file; answers the ARN, and the ids it is made of. */
export async function importReference(
  world: World,
  file: string,
  name = 'a-reference',
  scope: Scope = SCOPE,
) {
  const stores = await world.call<{ referenceStores: { id: string }[] }>('ListReferenceStores', {}, scope);
  const store =
    stores.referenceStores[0]?.id ??
    (await world.call<CreateReferenceStoreResponse>('CreateReferenceStore', { name: 'references' }, scope))
      .id!;
  const uri = await upload(world, `references/${file.split('/').at(-1)}`, file);
  const started = await world.call<StartReferenceImportJobResponse>(
    'StartReferenceImportJob',
    { referenceStoreId: store, roleArn: ROLE, sources: [{ sourceFile: uri, name }] },
    scope,
  );
  const job = await referenceJobOver(world, store, started.id!, scope);
  const id = job.sources![0]!.referenceId;
  return { store, id: id!, arn: referenceArn(scope, store, id!), job };
}

export async function referenceJobOver(world: World, store: string, id: string, scope: Scope = SCOPE) {
  return over(() =>
    world.call<GetReferenceImportJobResponse>(
      'GetReferenceImportJob',
      { referenceStoreId: store, id },
      scope,
    ),
  );
}

export async function startReadSets(world: World, store: string, sources: object[], scope: Scope = SCOPE) {
  const input = { sequenceStoreId: store, roleArn: ROLE, sources: sources.map(withIds) };
  return (await world.call<StartReadSetImportJobResponse>('StartReadSetImportJob', input, scope)).id!;
}

/** Imports the sources and answers the job once it is over. */
export async function importReadSets(world: World, store: string, sources: object[], scope: Scope = SCOPE) {
  const id = await startReadSets(world, store, sources, scope);
  return readSetJobOver(world, store, id, scope);
}

export async function readSetJobOver(world: World, store: string, id: string, scope: Scope = SCOPE) {
  return over(() =>
    world.call<GetReadSetImportJobResponse>('GetReadSetImportJob', { sequenceStoreId: store, id }, scope),
  );
}

const withIds = (source: object): object => ({ subjectId: 'a-subject', sampleId: 'a-sample', ...source });

/** The read set's metadata once it is neither processed nor, where told, in this state. */
export async function readSetStatus(world: World, store: string, id: string, not?: string) {
  const start = performance.now();
  for (;;) {
    const found = await world.call<GetReadSetMetadataResponse>('GetReadSetMetadata', {
      sequenceStoreId: store,
      id,
    });
    if (found.status !== 'PROCESSING_UPLOAD' && found.status !== not) return found;
    if (performance.now() - start > 120_000)
      throw new Error(`The read set was ${found.status} for 2 minutes`);
    await delay(20);
  }
}

/** Asks for a job until it is over. */
export async function over<Job extends { status?: string | undefined }>(
  get: () => Promise<Job>,
): Promise<Job> {
  const start = performance.now();
  for (let pause = 10; performance.now() - start < 120_000; pause = Math.min(pause * 1.3, 200)) {
    const job = await get();
    if (job.status !== 'SUBMITTED' && job.status !== 'IN_PROGRESS') return job;
    await delay(pause);
  }
  throw new Error('The job was not over within 2 minutes');
}

export async function bytesOf({ payload }: { payload: StreamedPayload }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of payload.stream) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== payload.length) throw new Error(`${bytes.length} bytes came of ${payload.length}`);
  return bytes;
}

/** The germline reads aligned by minimap2, in coordinate order. */
export async function alignGermline(folder: string): Promise<string> {
  const sam = join(folder, 'germline.sam');
  const bam = join(folder, 'germline.bam');
  const files = ['reference.fasta', 'wgs1_R1.fastq.gz', 'wgs1_R2.fastq.gz'].map((name) =>
    data(`germline/${name}`),
  );
  await run('minimap2', ['-ax', 'sr', '-o', sam, ...files]);
  await run('samtools', ['sort', '-o', bam, sam]);
  return bam;
}

/** Ids of the blobs that the store holds, and what the ledger says of each. */
export async function blobStates(world: World): Promise<Map<string, string | undefined>> {
  const states = new Map<string, string | undefined>();
  for await (const { id } of world.store.list()) states.set(id, await world.records.blobs.state(id));
  return states;
}
