import { canonicalPrefix } from './service-prefix.ts';

/** What is known of a request, by condition key in lower case. A list is a multivalued key. */
export type Context = Pick<ReadonlyMap<string, Value>, 'get' | 'has'>;
type Value = string | readonly string[];

/** Condition keys are compared without case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html */
export function contextKey(key: string): string {
  return canonicalPrefix(key.toLowerCase());
}

export type ContextValues = Readonly<Record<string, Value | undefined>>;

/**
 * Keys that differ in case only are one key to a condition, and tags may have both `Team` and `team`: whoever may set the
 * one must not be taken for the other. It is asked in a context for each value then; what is asked must be allowed in all
 * of them. The values are read when a condition first looks: where none does, all contexts are the same.
 */
export function inEachContext<Answer>(
  read: () => ContextValues,
  ask: (context: Context) => Answer,
): readonly Answer[] {
  let known: ReadonlyMap<string, readonly Value[]> | undefined;
  const valuesOf = (key: string) => (known ??= byKey(read())).get(key);
  const contextAt = (number: number): Context => ({
    has: (key) => valuesOf(key) !== undefined,
    get(key) {
      const values = valuesOf(key);
      return values?.[number % values.length];
    },
  });
  const answers = [ask(contextAt(0))];
  const variants = Math.max(1, ...[...(known ?? new Map()).values()].map(({ length }) => length));
  for (let number = 1; number < variants; number++) answers.push(ask(contextAt(number)));
  return answers;
}

function byKey(values: ContextValues): ReadonlyMap<string, readonly Value[]> {
  const found = new Map<string, Value[]>();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const key = contextKey(name);
    const others = found.get(key);
    if (others) others.push(value);
    else found.set(key, [value]);
  }
  return found;
}

/** A context of keys as AWS writes them; undefined values are keys that the request does not have. */
export function contextOf(values: ContextValues): Map<string, Value> {
  return new Map([...byKey(values)].map(([key, of]) => [key, of.at(-1)!]));
}
