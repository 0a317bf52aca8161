import type { FileInformation } from '@aws-sdk/client-omics';
import type { BlobRef } from '@helicase/blobs';

/** A file of a reference or a read set: its bytes and the name that readers expect (`.bam` beside `.bam.bai`). */
export interface StoredFile {
  readonly name: string;
  /** What comes before `blob`: the header of a BAM or CRAM file, which tells of this import and no other. */
  readonly head?: BlobRef;
  readonly blob: BlobRef;
  /** Hex SHA-256 of the whole file's bytes. */
  readonly sha256?: string;
  /** Hex SHA-256 of `blob` alone: equal contents of a store share one blob (`contents.ts`). */
  readonly content?: string;
}

/** Parts are like S3's: 100 MiB each, the last one shorter (the guide's examples have 104857600). */
export const PART_SIZE = 100 * 1024 * 1024;

export function fileSize({ head, blob }: StoredFile): number {
  return (head?.size ?? 0) + blob.size;
}

/** The file's bytes in order. */
export function fileBlobs({ head, blob }: StoredFile): readonly BlobRef[] {
  return head ? [head, blob] : [blob];
}

export function totalParts(size: number): number {
  return Math.max(1, Math.ceil(size / PART_SIZE));
}

export function fileInformation(file: StoredFile, s3Uri: string): FileInformation {
  const contentLength = fileSize(file);
  return {
    totalParts: totalParts(contentLength),
    partSize: PART_SIZE,
    contentLength,
    s3Access: { s3Uri },
  };
}

/** The files that a resource has. */
export function filesOf(files: object): readonly StoredFile[] {
  return (Object.values(files) as (StoredFile | undefined)[]).filter((file) => file !== undefined);
}

/** The blobs of a resource's files. */
export function blobsOf(files: object): readonly BlobRef[] {
  return filesOf(files).flatMap(fileBlobs);
}
