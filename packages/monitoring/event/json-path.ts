const STEP = /^(?:\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']*)'\])/;

/** The steps of a path like `$.detail.items[0].name`; undefined where it is not one that targets may use. */
export function parsePath(path: string): readonly (string | number)[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  for (let rest = path.slice(1); rest !== '';) {
    const match = STEP.exec(rest);
    if (!match) return undefined;
    const [whole, name, index, quoted] = match;
    steps.push(index === undefined ? (name ?? quoted!) : Number(index));
    rest = rest.slice(whole.length);
  }
  return steps;
}

/** What is there; undefined where nothing is. */
export function valueAt(event: unknown, steps: readonly (string | number)[]): unknown {
  let value = event;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
