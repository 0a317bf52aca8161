import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type { GetReadSetImportJobResponse, GetReferenceImportJobResponse } from '@aws-sdk/client-omics';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { JOB_TRUST, jobPolicy } from '../../packages/cli/demo/job-role.ts';
import { type AwsCommand, finished, sharedData, until, type World } from '../../e2e/world.ts';

export interface Germline {
  readonly referenceStore: string;
  readonly reference: string;
  readonly store: string;
  readonly readSet: string;
}

/** Aligns the germline reads into `bam`, and imports them with their reference as a user does. */
export async function importGermline(world: World, aws: AwsCommand, bam: string): Promise<Germline> {
  const folder = join(sharedData, 'germline');
  const fasta = join(folder, 'reference.fasta');
  const reads = [1, 2].map((mate) => join(folder, `wgs1_R${mate}.fastq.gz`));
  const quiet = { stdio: 'ignore' } as const;
  execFileSync('minimap2', ['-ax', 'sr', '-o', `${bam}.sam`, fasta, ...reads], quiet);
  execFileSync('samtools', ['sort', '-o', bam, `${bam}.sam`], quiet);
  await aws.json`s3api create-bucket --bucket germline`;
  await aws.raw`s3 cp --no-progress ${fasta} s3://germline/reference.fasta`;
  await aws.raw`s3 cp --no-progress ${bam} s3://germline/germline.bam`;
  const made = await aws.json<CreateRoleResponse>`
    iam create-role --role-name import --assume-role-policy-document ${JOB_TRUST}`;
  const role = made.Role!.Arn!;
  await aws.raw`iam put-role-policy --role-name import --policy-name jobs --policy-document ${jobPolicy('germline')}`;
  const { referenceStore, reference } = await importReference(aws, role);
  const { accountId, region } = world.credentials;
  const arn = `arn:aws:omics:${region}:${accountId}:referenceStore/${referenceStore}/reference/${reference}`;
  const { id: store } = await aws.json<{ id: string }>`omics create-sequence-store --name reads`;
  const source = {
    ...{ sourceFiles: { source1: 's3://germline/germline.bam' }, sourceFileType: 'BAM', referenceArn: arn },
    ...{ subjectId: 'subject', sampleId: 'sample', name: 'germline' },
  };
  const job = await aws.json<{ id: string }>`
    omics start-read-set-import-job --sequence-store-id ${store} --role-arn ${role}
    --sources ${JSON.stringify([source])}`;
  const get = () => aws.json<GetReadSetImportJobResponse>`
    omics get-read-set-import-job --sequence-store-id ${store} --id ${job.id}`;
  const { sources } = await until(get, finished);
  return { referenceStore, reference, store, readSet: sources![0]!.readSetId! };
}

async function importReference(aws: AwsCommand, role: string) {
  const { id: referenceStore } = await aws.json<{
    id: string;
  }>`omics create-reference-store --name references`;
  const job = await aws.json<{ id: string }>`
    omics start-reference-import-job --reference-store-id ${referenceStore} --role-arn ${role}
    --sources sourceFile=s3://germline/reference.fasta,name=germline`;
  const get = () => aws.json<GetReferenceImportJobResponse>`
    omics get-reference-import-job --reference-store-id ${referenceStore} --id ${job.id}`;
  const { sources } = await until(get, finished);
  return { referenceStore, reference: sources![0]!.referenceId! };
}
