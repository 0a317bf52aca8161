import { errors } from '../errors.ts';
import { children, childText, type Parsed } from '../protocol/request-xml.ts';

type Tags = readonly (readonly [string, string])[];

/** An object has ten tags at most, keys of 128 and values of 256 characters. */
const LIMIT = 10;

/** `x-amz-tagging: key=value&other=value`. */
export function parseTagHeader(header: string | undefined): Tags {
  return header === undefined ? [] : checked([...new URLSearchParams(header)]);
}

/** `<Tagging><TagSet><Tag><Key/><Value/></Tag></TagSet></Tagging>`, its root's content given. */
export function parseTagging(tagging: Parsed): Tags {
  const sets = children(tagging, 'TagSet');
  const tags = sets.flatMap((set) => children(set, 'Tag'));
  return checked(tags.map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? '']));
}

function checked(tags: Tags): Tags {
  const fail = (reason: string) => errors.invalidTag({ reason });
  if (tags.length > LIMIT) throw fail(`an object may have ${LIMIT}, not ${tags.length}`);
  if (new Set(tags.map(([key]) => key)).size !== tags.length) throw fail('a key occurs twice');
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > 128) throw fail(`the key "${key}" must have 1 to 128 characters`);
    if (value.length > 256) throw fail(`the value of "${key}" may have 256 characters`);
  }
  return tags;
}
