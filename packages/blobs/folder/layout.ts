import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Names a blob may have: what the house's ids are made of, and never a path. */
const BLOB_ID = /^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$/;

/** Where things lie in a folder store: `blobs/<1 hex>/<2 hex>/<id>` and `unfinished/<id>.<writer>`. */
export class FolderLayout {
  readonly blobs: string;
  readonly unfinished: string;

  constructor(directory: string) {
    this.blobs = join(directory, 'blobs');
    this.unfinished = join(directory, 'unfinished');
  }

  /**
   * 4,096 directories by the id's hash (ids themselves begin with the time and would crowd a few of them):
   * ten million blobs are about 2,500 in each.
   */
  directoryOf(id: string): string {
    if (!BLOB_ID.test(id)) throw new Error(`"${id}" is not a blob id`);
    const hash = createHash('sha256').update(id).digest('hex');
    return join(this.blobs, hash.slice(0, 1), hash.slice(1, 3));
  }

  pathOf(id: string): string {
    return join(this.directoryOf(id), id);
  }
}
