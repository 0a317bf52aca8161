import type { FileInformation } from '@aws-sdk/client-omics';
import type { BlobRef } from '@helicase/blobs';

/** A file of a reference or a read set: its bytes and the name that readers expect (`.bam` beside `.bam.bai`). */
export interface StoredFile {
  readonly name: string;
  readonly blob: BlobRef;
}

/** Parts are like S3's: 100 MiB each, the last one shorter (the guide's examples have 104857600). */
export const PART_SIZE = 100 * 1024 * 1024;

export function totalParts(size: number): number {
  return Math.max(1, Math.ceil(size / PART_SIZE));
}

export function fileInformation(file: StoredFile): FileInformation {
  return { totalParts: totalParts(file.blob.size), partSize: PART_SIZE, contentLength: file.blob.size };
}

/** The blobs of a resource's files, to keep or to release together. */
export function blobsOf(files: object): readonly BlobRef[] {
  return (Object.values(files) as (StoredFile | undefined)[]).flatMap((file) => (file ? [file.blob] : []));
}
