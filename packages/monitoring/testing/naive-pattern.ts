/**
 * Event patterns straight from the sentences of EventBridge's user guide, without a thought for speed: what the real
 * matcher is held against.
 */
export function naiveMatch(pattern: Record<string, unknown>, event: unknown): boolean {
  for (const [name, wanted] of Object.entries(pattern)) {
    if (name === '$or') {
      if (!(wanted as Record<string, unknown>[]).some((one) => naiveMatch(one, event))) return false;
      continue;
    }
    const isThere = typeof event === 'object' && event !== null && !Array.isArray(event) && name in event;
    const found = isThere ? (event as Record<string, unknown>)[name] : undefined;
    if (Array.isArray(wanted)) {
      if (!wanted.some((test) => naiveTest(test, isThere ? [found].flat() : []))) return false;
    } else {
      const candidates = Array.isArray(found) ? found : [found];
      if (!candidates.some((one) => naiveMatch(wanted as Record<string, unknown>, one))) return false;
    }
  }
  return true;
}

function naiveTest(test: unknown, found: readonly unknown[]): boolean {
  const leaves = found.filter((one) => typeof one !== 'object' || one === null);
  if (typeof test !== 'object' || test === null) return leaves.includes(test);
  const [[name, argument]] = Object.entries(test) as [[string, unknown]];
  if (name === 'exists') return argument === leaves.length > 0;
  return leaves.some((leaf) => naiveOperator(name, argument, leaf));
}

function naiveOperator(name: string, argument: unknown, leaf: unknown): boolean {
  if (name === 'anything-but') {
    if (Array.isArray(argument)) return !argument.includes(leaf);
    if (typeof argument !== 'object' || argument === null) return leaf !== argument;
    const [[inner, text]] = Object.entries(argument) as [[string, unknown]];
    return !naiveOperator(inner, text, leaf);
  }
  if (name === 'numeric') {
    const [, low, , high] = argument as [string, number, string, number];
    return typeof leaf === 'number' && leaf >= low && leaf < high;
  }
  if (typeof leaf !== 'string') return false;
  const text = argument as string;
  if (name === 'prefix') return leaf.slice(0, text.length) === text;
  if (name === 'suffix') return leaf.endsWith(text);
  if (name === 'equals-ignore-case') return leaf.toUpperCase() === text.toUpperCase();
  const pattern = text.replace(/[.]/g, '\\.').replace(/\*/g, '.*');
  return new RegExp(`^${pattern}$`, 's').test(leaf);
}
