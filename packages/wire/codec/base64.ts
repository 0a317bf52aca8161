/** The bytes, or undefined where the value is not base64. */
export function readBase64(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || value.length % 4 !== 0) return undefined;
  const digits = value.replace(/={1,2}$/, '');
  return /[^A-Za-z0-9+/]/.test(digits) ? undefined : Buffer.from(value, 'base64');
}
