import type { OwnedBlob } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { Room } from './room.ts';
import { blobsOf } from './stored-file.ts';

/** Every blob that a reference or a read set of any account points to. */
export async function* ownedBlobs({ records, tables }: Room): AsyncGenerator<OwnedBlob> {
  for await (const { scope, id, doc } of tables.references.scan(records.direct)) {
    yield* owned(`reference ${id}`, scope, doc.files);
  }
  for await (const { scope, id, doc } of tables.readSets.scan(records.direct)) {
    yield* owned(`read set ${id}`, scope, doc.files);
  }
}

function owned(what: string, scope: Scope, files: object): readonly OwnedBlob[] {
  const owner = `${what} of ${scope.account}/${scope.region}`;
  return blobsOf(files).map((blob) => ({ owner, blob }));
}
