import type { ConditionKeys } from '../operation.ts';

/**
 * `aws:RequestTag/<key>` and `aws:TagKeys` of a request that sets or removes tags: every service names them alike, as a
 * map (`tags`), as a list (`Tags`), or as the keys to remove (`tagKeys`).
 */
export function tagKeys(input: unknown): ConditionKeys {
  const members = input as Readonly<Record<string, unknown>>;
  const tags = pairsOf(members['tags'] ?? members['Tags']);
  const removed = members['tagKeys'] ?? members['TagKeys'];
  const keys = [...tags.map(([key]) => key), ...(Array.isArray(removed) ? removed.map(String) : [])];
  if (keys.length === 0) return {};
  return {
    ...Object.fromEntries(tags.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    'aws:TagKeys': keys,
  };
}

function pairsOf(tags: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(tags)) return tags.map(pairOf);
  if (typeof tags !== 'object' || tags === null) return [];
  return Object.entries(tags).map(([key, value]) => [key, String(value)]);
}

/** KMS writes TagKey and TagValue. */
function pairOf(tag: unknown): readonly [string, string] {
  const { Key, Value, TagKey, TagValue } = (tag ?? {}) as Record<string, unknown>;
  return [String(Key ?? TagKey ?? ''), String(Value ?? TagValue ?? '')];
}
