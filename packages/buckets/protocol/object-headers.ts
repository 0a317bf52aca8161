import { encryptionHeaders } from '../encryption/encryption.ts';
import { errors } from '../errors.ts';
import { type Description, KEPT_HEADERS, type KeptHeader, type StoredObject } from '../object/model.ts';
import { parseTagHeader } from '../object/tags.ts';
import type { Call } from './call.ts';

const METADATA_PREFIX = 'x-amz-meta-';
const METADATA_LIMIT = 2048;

/** What a write's headers say of the object. */
export function describe(call: Call): Description {
  return { headers: keptHeaders(call), metadata: metadataOf(call), tags: tagsOf(call) };
}

export function tagsOf(call: Call): Description['tags'] {
  return parseTagHeader(call.header('x-amz-tagging'));
}

function keptHeaders(call: Call): Description['headers'] {
  const kept: Partial<Record<KeptHeader, string>> = {};
  for (const name of KEPT_HEADERS) {
    const value = name === 'content-encoding' ? encodingOf(call) : call.header(name);
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}

/** aws-chunked is how the body travels, not what the object is. */
function encodingOf(call: Call): string | undefined {
  const codings = call.header('content-encoding')?.split(',');
  return codings
    ?.map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked')
    .join(',');
}

function metadataOf(call: Call): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(call.raw.request.headers)) {
    if (!name.startsWith(METADATA_PREFIX) || typeof value !== 'string') continue;
    const short = name.slice(METADATA_PREFIX.length);
    metadata[short] = value;
    size += short.length + Buffer.byteLength(value);
  }
  if (size > METADATA_LIMIT) throw errors.metadataTooLarge({ size });
  return metadata;
}

/** Headers of a GetObject or HeadObject answer, but for the length and range. */
export function answerHeaders(found: StoredObject): Record<string, string | number | undefined> {
  const metadata = Object.entries(found.metadata).map(([name, value]) => [METADATA_PREFIX + name, value]);
  return {
    'content-type': 'binary/octet-stream',
    ...found.headers,
    ...(Object.fromEntries(metadata) as Record<string, string>),
    ...encryptionHeaders(found.encryption),
    etag: `"${found.etag}"`,
    'last-modified': new Date(found.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    'x-amz-tagging-count': found.tags.length > 0 ? found.tags.length : undefined,
  };
}

/** Header of the checksum and its type, as writes and checksum-mode reads answer them. */
export function checksumHeaders(checksum: StoredObject['checksum']): Record<string, string> {
  if (!checksum) return {};
  const { algorithm, value, type } = checksum;
  return { [`x-amz-checksum-${algorithm}`]: value, 'x-amz-checksum-type': type };
}

/** `response-*` of the query replace what the object says of itself. */
export function overrides(query: URLSearchParams): Record<string, string> {
  const replaced: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = query.get(`response-${name}`);
    if (value === null) continue;
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      const reason = 'a header cannot hold these characters';
      throw errors.invalidArgument({ name: `response-${name}`, value, reason });
    }
    replaced[name] = value;
  }
  return replaced;
}
