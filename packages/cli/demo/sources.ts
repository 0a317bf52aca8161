import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clients } from './clients.ts';
import type { Update } from './progress.ts';
import type { SampleFiles } from './sample-files.ts';

/** The story's bucket: sources, outputs and query results. */
export const BUCKET = 'helicase-demo';

export async function upload({ s3 }: Clients, files: SampleFiles, update: Update): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const path of [files.reference, files.reads1, files.reads2]) {
    update(basename(path));
    await s3.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: sourceKey(path),
        Body: createReadStream(path),
        ContentLength: statSync(path).size,
      }),
    );
  }
  update(`s3://${BUCKET}/in/`);
}

function sourceKey(path: string): string {
  return `in/${basename(path)}`;
}

/** Where `upload` left a file. */
export function sourceUri(path: string): string {
  return `s3://${BUCKET}/${sourceKey(path)}`;
}
