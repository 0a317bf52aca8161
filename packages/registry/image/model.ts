import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';

type ImageStatus = 'ACTIVE';

/** One manifest of a repository, its bytes at the registry behind. */
export interface ImageDoc {
  /** `sha256:...` of the manifest. */
  readonly digest: string;
  readonly mediaType: string;
  /** Configuration and layers, in bytes, compressed as they were pushed. */
  readonly size: number;
  /** Milliseconds, of the newest push. */
  readonly pushedAt: number;
}

/** What a tag points to. The registry behind knows no tags of users: this is where they are. */
export interface ImageTagDoc {
  readonly tag: string;
  readonly digest: string;
}

export type Image = Resource<ImageDoc, ImageStatus>;
/** The parent is the repository's id. */
export type ImageTable = ResourceTable<ImageDoc, ImageStatus, 'digest', Transaction>;
export type ImageTagTable = ResourceTable<ImageTagDoc, ImageStatus, 'tag' | 'digest', Transaction>;

export function imageTable(records: Records): ImageTable {
  return records.resource<ImageDoc, ImageStatus, 'digest'>({
    kind: 'ecr-image',
    machine: { ACTIVE: {} },
    columns: { digest: (doc) => doc.digest },
    unique: ['digest'],
  });
}

export function imageTagTable(records: Records): ImageTagTable {
  return records.resource<ImageTagDoc, ImageStatus, 'tag' | 'digest'>({
    kind: 'ecr-image-tag',
    machine: { ACTIVE: {} },
    columns: { tag: (doc) => doc.tag, digest: (doc) => doc.digest },
    unique: ['tag'],
  });
}
