import { readBlobs, type Vault } from '@helicase/blobs';
import type { StreamedPayload } from '@helicase/wire';
import { errors } from './errors.ts';
import { fileBlobs, fileSize, PART_SIZE, type StoredFile, totalParts } from './stored-file.ts';

interface PartRequest {
  /** From 1. */
  readonly part: number;
  /** Of the part's bytes, `bytes=first-last`. */
  readonly range?: string | undefined;
}

/** One part of a stored file, or a range of the part, as a streamed answer. Part i begins at (i - 1) x the part size. */
export function partPayload(vault: Vault, file: StoredFile, request: PartRequest): StreamedPayload {
  const size = fileSize(file);
  const total = totalParts(size);
  if (request.part > total) throw errors.partOutOfRange({ part: request.part, file: file.name, total });
  const start = (request.part - 1) * PART_SIZE;
  const partLength = Math.min(PART_SIZE, size - start);
  const wanted = request.range === undefined ? undefined : rangeOf(request.range, partLength);
  if (wanted === 'outside')
    throw errors.rangeOutOfPart({
      range: request.range ?? '',
      part: request.part,
      file: file.name,
      length: partLength,
    });
  const [first, last] = wanted ?? [0, partLength - 1];
  return {
    stream: readBlobs(vault, fileBlobs(file), { start: start + first, end: start + last }),
    length: last - first + 1,
    ...(wanted ? { contentRange: `bytes ${first}-${last}/${partLength}` } : {}),
  };
}

/** RFC 9110 14.1.2, one range: `bytes=a-b`, `bytes=a-` and `bytes=-n`; the API's model has them without `bytes=`. */
function rangeOf(range: string, length: number): readonly [number, number] | 'outside' {
  const match = /^(?:bytes=)?(\d*)-(\d*)$/.exec(range.trim());
  const [, from = '', to = ''] = match ?? [];
  if (!match || (from === '' && to === '')) throw errors.badRange({ range });
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) throw errors.badRange({ range });
  return first >= length || last < first ? 'outside' : [first, last];
}
