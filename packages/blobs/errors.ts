/** The store has no blob of this id: never written whole, or swept. */
export class BlobMissing extends Error {
  readonly blobId: string;

  constructor(blobId: string, options?: ErrorOptions) {
    super(`Blob ${blobId} is not in the store`, options);
    this.name = 'BlobMissing';
    this.blobId = blobId;
  }
}

/** A blob is written once; its id was used before. */
export class BlobExists extends Error {
  constructor(blobId: string) {
    super(`Blob ${blobId} exists already, and blobs never change`);
    this.name = 'BlobExists';
  }
}

/** The stored bytes are not what was sealed: altered, cut short, moved, or of another blob. */
export class SealBroken extends Error {
  readonly blobId: string;
  /** From 0; undefined where the length as a whole is wrong. */
  readonly segment: number | undefined;

  constructor(blobId: string, segment: number | undefined, found: string) {
    const where = segment === undefined ? '' : ` in segment ${segment}`;
    super(
      `Blob ${blobId} is damaged${where}: ${found}. ` +
        'The stored bytes changed since they were written; restore them from a backup.',
    );
    this.name = 'SealBroken';
    this.blobId = blobId;
    this.segment = segment;
  }
}

/** The key is gone, of another chain, or not opened by the root key that this server was started with. */
export class KeyUnavailable extends Error {
  readonly keyId: string;

  constructor(keyId: string, reason: string) {
    super(`Key ${keyId} is unavailable: ${reason}`);
    this.name = 'KeyUnavailable';
    this.keyId = keyId;
  }
}

/** The root key cannot be read or is not one. */
export class RootKeyUnusable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RootKeyUnusable';
  }
}
