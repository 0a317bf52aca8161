import { Double } from '../values/double.ts';
import type { Value } from '../values/value.ts';

/** `--name value`: what reads as a boolean or a number is one. */
export function coerceParameter(written: string): Value {
  if (/^true$/i.test(written)) return true;
  if (/^false$/i.test(written)) return false;
  if (/^-?\d{1,15}$/.test(written)) return Number(written);
  if (/^-?\d+$/.test(written)) return written;
  if (/^-?(\d+\.\d*|\.\d+|\d+(\.\d*)?[eE][+-]?\d+)$/.test(written)) return new Double(Number(written));
  return written;
}
