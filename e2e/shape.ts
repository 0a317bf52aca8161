/**
 * The members of `example` and the types of their values, as `value` has them: what a guide's example and an answer have
 * in common where ids, times and names differ. What the value has beyond the example is passed over.
 */
export function shapeOf(example: unknown, value: unknown = example): unknown {
  if (Array.isArray(example))
    return Array.isArray(value) ? example.map((each, index) => shapeOf(each, value[index])) : typeof value;
  if (typeof example !== 'object' || example === null) return value === null ? 'null' : typeof value;
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(example).map(([name, each]) => [
      name,
      shapeOf(each, (value as Record<string, unknown>)[name]),
    ]),
  );
}
