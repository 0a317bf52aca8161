import type { Tags } from '@helicase/kernel';
import type { ObservedCall, RequestObserver } from '@helicase/wire';
import { errors } from './errors.ts';

/** The guide, "Tagging requirements" and "Adding a tag to an HealthOmics resource". */
const MOST_TAGS = 50;
const ALLOWED = /^[\p{L}\p{N}\p{Z}\s_.:/=+\-@]*$/u;

/** Throws where the guide forbids one of the tags, or that many on one resource. */
export function refuseForbiddenTags(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    refuseForbiddenKey(key);
    const length = [...value].length;
    if (length > 256) throw errors.valueTooLong({ key, length });
    if (!ALLOWED.test(value)) throw errors.characters({ what: `The value of tag ${key}` });
  }
  const count = Object.keys(tags).length;
  if (count > MOST_TAGS) throw errors.tooMany({ count, most: MOST_TAGS });
}

/** From the list that other services write. Throws as `refuseForbiddenTags`. */
export function tagsOfList(
  list: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): Tags {
  const tags = Object.fromEntries(list.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  refuseForbiddenTags(tags);
  return tags;
}

export function refuseForbiddenKey(key: string): void {
  const length = [...key].length;
  if (length < 1 || length > 128) throw errors.keyLength({ length });
  if (/^aws:/i.test(key)) throw errors.reserved({ key });
  if (!ALLOWED.test(key)) throw errors.characters({ what: `Tag key ${key}` });
}

/** Requests that create something with tags obey the same rules, whatever room answers them. */
export const creationTags: RequestObserver = {
  async admit({ service, input }: ObservedCall) {
    if (service === 'omics') for (const tags of tagsWithin(input)) refuseForbiddenTags(tags);
  },
};

/** `tags` of the request, and of each source of an import job. */
function tagsWithin(input: unknown): Tags[] {
  const { sources, tags } = input as { tags?: Tags; sources?: readonly { tags?: Tags }[] };
  return [
    tags,
    ...(Array.isArray(sources) ? sources.map((source: { tags?: Tags }) => source.tags) : []),
  ].filter((one) => one !== undefined && one !== null);
}
