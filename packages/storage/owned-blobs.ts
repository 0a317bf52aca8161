import type { OwnedBlob } from '@helicase/blobs';
import type { Room } from './room.ts';
import { heldFiles } from './read-set/model.ts';
import { filesOf } from './stored-file.ts';
import { uploadedParts } from './upload/parts.ts';

/** Every blob that a reference or a read set of any account points to. */
export async function* ownedBlobs({ records, tables }: Room): AsyncGenerator<OwnedBlob> {
  for await (const { scope, id, doc } of tables.references.scan(records.direct)) {
    yield* owned(`reference ${id}`, { scope, kind: 'Reference' }, doc.files);
  }
  for await (const { scope, id, doc } of tables.readSets.scan(records.direct)) {
    yield* owned(`read set ${id}`, { scope, kind: 'ReadSet' }, heldFiles(doc));
  }
  for await (const { id, part } of uploadedParts(records.direct)) yield { owner: `upload ${id}`, blob: part };
}

function owned(what: string, counts: NonNullable<OwnedBlob['counts']>, files: object): readonly OwnedBlob[] {
  const { scope } = counts;
  const owner = `${what} of ${scope.account}/${scope.region}`;
  return filesOf(files).flatMap(({ head, blob, content }) => [
    ...(head ? [{ owner, blob: head, counts }] : []),
    { owner, blob, counts, ...(content === undefined ? {} : { shared: true }) },
  ]);
}
