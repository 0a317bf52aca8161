import { canonicalPrefix } from './service-prefix.ts';

/** What is known of a request, by condition key in lower case. A list is a multivalued key. */
export type Context = ReadonlyMap<string, string | readonly string[]>;

/** Condition keys are compared without case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html */
export function contextKey(key: string): string {
  return canonicalPrefix(key.toLowerCase());
}

export type ContextValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Keys that differ in case only are one key to a condition, and tags may have both `Team` and `team`: whoever may set the
 * one must not be taken for the other. Two contexts then, one with each value: what is asked must be allowed in both.
 */
export function contextsOf(values: ContextValues): readonly Context[] {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  const context = contextOf(values);
  if (context.size === entries.length) return [context];
  return [context, contextOf(Object.fromEntries(entries.reverse()))];
}

/** A context of keys as AWS writes them; undefined values are keys that the request does not have. */
export function contextOf(values: ContextValues): Map<string, string | readonly string[]> {
  const context = new Map<string, string | readonly string[]>();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) context.set(contextKey(key), value);
  }
  return context;
}
