import {
  CreateReferenceStoreCommand,
  CreateSequenceStoreCommand,
  GetReadSetImportJobCommand,
  GetReferenceImportJobCommand,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
} from '@aws-sdk/client-omics';
import type { Clients } from './clients.ts';
import type { Update } from './progress.ts';
import type { SampleFiles } from './sample-files.ts';
import { sourceUri } from './sources.ts';
import { isFinal, waitFor } from './waiting.ts';

export interface ImportedReference {
  readonly arn: string;
  readonly uri: string;
}

export async function importReference(
  clients: Clients,
  files: SampleFiles,
  roleArn: string,
  update: Update,
): Promise<ImportedReference> {
  const { omics } = clients;
  const store = await omics.send(new CreateReferenceStoreCommand({ name: 'demo references' }));
  const job = await omics.send(
    new StartReferenceImportJobCommand({
      referenceStoreId: store.id,
      roleArn,
      sources: [{ sourceFile: sourceUri(files.reference), name: 'demo-reference' }],
    }),
  );
  const finished = await waitFor(
    'the reference import',
    () => omics.send(new GetReferenceImportJobCommand({ referenceStoreId: store.id, id: job.id })),
    (answer) => isFinal(answer.status),
  );
  const source = finished.sources![0]!;
  if (!source.referenceId) throw new Error(`the reference import failed: ${source.statusMessage}`);
  update(`reference ${source.referenceId}`);
  return {
    arn: `${store.arn}/reference/${source.referenceId}`,
    uri: `omics://${clients.accountId}.storage.${clients.region}.amazonaws.com/${store.id}/reference/${source.referenceId}/source`,
  };
}

export interface ImportedReads {
  readonly storeId: string;
  readonly id: string;
  /** One per file of the pair. */
  readonly uris: readonly [string, string];
}

export async function importReads(
  clients: Clients,
  files: SampleFiles,
  roleArn: string,
  referenceArn: string,
  update: Update,
): Promise<ImportedReads> {
  const { omics } = clients;
  const store = await omics.send(new CreateSequenceStoreCommand({ name: 'demo reads' }));
  const sources = [
    {
      sourceFiles: { source1: sourceUri(files.reads1), source2: sourceUri(files.reads2) },
      sourceFileType: 'FASTQ' as const,
      subjectId: 'demo-subject',
      sampleId: files.sample,
      referenceArn,
      name: files.sample,
    },
  ];
  const job = await omics.send(
    new StartReadSetImportJobCommand({ sequenceStoreId: store.id, roleArn, sources }),
  );
  const finished = await waitFor(
    'the read set import',
    () => omics.send(new GetReadSetImportJobCommand({ sequenceStoreId: store.id, id: job.id })),
    (answer) => isFinal(answer.status),
  );
  const source = finished.sources![0]!;
  if (!source.readSetId) throw new Error(`the read set import failed: ${source.statusMessage}`);
  update(`read set ${source.readSetId}`);
  const base = `omics://${clients.accountId}.storage.${clients.region}.amazonaws.com/${store.id}/readSet/${source.readSetId}`;
  return { storeId: store.id!, id: source.readSetId, uris: [`${base}/source1`, `${base}/source2`] };
}
