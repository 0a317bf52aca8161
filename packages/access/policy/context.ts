import { canonicalPrefix } from './service-prefix.ts';

/** What is known of a request, by condition key in lower case. A list is a multivalued key. */
export type Context = ReadonlyMap<string, string | readonly string[]>;

/** Condition keys are compared without case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html */
export function contextKey(key: string): string {
  return canonicalPrefix(key.toLowerCase());
}

/** A context of keys as AWS writes them; undefined values are keys that the request does not have. */
export function contextOf(
  values: Readonly<Record<string, string | readonly string[] | undefined>>,
): Map<string, string | readonly string[]> {
  const context = new Map<string, string | readonly string[]>();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) context.set(contextKey(key), value);
  }
  return context;
}
