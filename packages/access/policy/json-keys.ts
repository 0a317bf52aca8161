const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gs;

/**
 * The first key that an object of this valid JSON text has twice. JSON.parse would keep the last one and drop a
 * condition in silence.
 */
export function repeatedKey(text: string): string | undefined {
  const objects: Set<string>[] = [];
  let string = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') objects.push(new Set());
    else if (token === '}' || token === ']') objects.pop();
    else if (token === ':') {
      const keys = objects.at(-1)!;
      if (keys.has(string)) return string;
      keys.add(string);
    } else string = JSON.parse(token) as string;
  }
  return undefined;
}
