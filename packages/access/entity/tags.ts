import type { AnyOperation, PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import type { Entities } from './entities.ts';
import { iamEntry, namedArn } from './entry.ts';
import type { EntityDoc } from './model.ts';
import { type PageRequest, pageOf } from './page.ts';

export type Tags = Readonly<Record<string, string>>;
export interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

type Named = Readonly<Record<string, string | undefined>>;
interface TagRequest {
  readonly Tags?: readonly Tag[];
  readonly TagKeys?: readonly string[];
}

const TAG_LIMIT = 50;

/** Tag, Untag and List…Tags of users or roles. */
export function tagOperations<Doc extends EntityDoc>(
  entities: Entities<Doc>,
  pageTokens: PageTokens,
): readonly AnyOperation[] {
  const { noun } = entities;
  const nameOf = (input: object) => (input as Named)[`${noun}Name`]!;
  const arn = namedArn(entities, nameOf);
  return [
    iamEntry<TagRequest, object>(`Tag${noun}`, arn, async (input, { scope }) => {
      await entities.change(scope.account, nameOf(input), (doc) => ({
        ...doc,
        tags: withTags(doc.tags, input.Tags),
      }));
      return {};
    }),
    iamEntry<TagRequest, object>(`Untag${noun}`, arn, async (input, { scope }) => {
      await entities.change(scope.account, nameOf(input), (doc) => ({
        ...doc,
        tags: withoutTags(doc.tags, input.TagKeys),
      }));
      return {};
    }),
    iamEntry<PageRequest, object>(`List${noun}Tags`, arn, async (input, context) => {
      const row = await entities.get(context.scope.account, nameOf(input));
      const items = tagList(row.doc.tags);
      const list = { operation: `List${noun}Tags`, filter: row.id, items, key: ({ Key }: Tag) => Key! };
      const page = pageOf(pageTokens, context, list, input);
      return { Tags: page.items, ...page.rest };
    }),
  ];
}

export function tagList(tags: Tags): readonly { readonly Key: string; readonly Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Keys are compared without case, and keep the case that they were first written in. */
export function withTags(tags: Tags, added: readonly Tag[] | undefined): Tags {
  const result = new Map(Object.entries(tags));
  for (const { Key, Value } of added ?? []) {
    if (/^aws:/i.test(Key!)) throw errors.tagReserved({ key: Key! });
    const known = [...result.keys()].find((key) => key.toLowerCase() === Key!.toLowerCase());
    result.set(known ?? Key!, Value!);
  }
  if (result.size > TAG_LIMIT) throw errors.tooManyTags({ limit: TAG_LIMIT });
  return Object.fromEntries(result);
}

export function withoutTags(tags: Tags, removed: readonly string[] | undefined): Tags {
  const keys = (removed ?? []).map((key) => key.toLowerCase());
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key.toLowerCase())));
}
