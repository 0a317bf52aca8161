/** `20261123T200000Z` as milliseconds; undefined where it is not one. */
export function parseAmzTime(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** Milliseconds as `20261123T200000Z`. */
export function formatAmzTime(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}
