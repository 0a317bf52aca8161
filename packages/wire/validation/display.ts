const LIMIT = 256;

/** A value as error messages show it: AWS's `[a, b]` for lists, `{k=v}` for maps; cut at 256 characters. */
export function display(value: unknown): string {
  const text = show(value, 3);
  return text.length > LIMIT ? `${text.slice(0, LIMIT)}...` : text;
}

function show(value: unknown, depth: number): string {
  if (typeof value === 'string') return value.slice(0, LIMIT + 1);
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (depth === 0) return '...';
  if (Array.isArray(value)) {
    return `[${value
      .slice(0, LIMIT)
      .map((item) => show(item, depth - 1))
      .join(', ')}]`;
  }
  const entries = Object.entries(value).slice(0, LIMIT);
  return `{${entries.map(([key, item]) => `${key}=${show(item, depth - 1)}`).join(', ')}}`;
}
