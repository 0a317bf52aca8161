import { fault } from '../values/errors.ts';
import { isNumber, toDecimal, toDouble, toInteger } from '../values/number.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';

const SPECIFIER = /%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/** Java's String.format. */
export function format(pattern: string, given: readonly Value[]): string {
  const args = given.length === 1 && Array.isArray(given[0]) ? (given[0] as Value[]) : given;
  let next = 0;
  return pattern.replace(
    SPECIFIER,
    (
      whole,
      position: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      kind: string,
    ) => {
      if (kind === '%') return '%';
      if (kind === 'n') return '\n';
      const index = position === undefined ? next++ : Number(position) - 1;
      if (index >= args.length) throw fault(`format: ${whole} has no argument.`, 'IllegalArgumentException');
      const made = one(args[index], kind, flags, precision === undefined ? undefined : Number(precision));
      if (width === undefined) return made;
      if (flags.includes('-')) return made.padEnd(Number(width));
      if (!flags.includes('0')) return made.padStart(Number(width));
      const sign = /^[+-]/.exec(made)?.[0] ?? '';
      return sign + made.slice(sign.length).padStart(Number(width) - sign.length, '0');
    },
  );
}

function one(value: Value, kind: string, flags: string, precision: number | undefined): string {
  switch (kind) {
    case 's':
    case 'S': {
      const shown = text(value).slice(0, precision);
      return kind === 'S' ? shown.toUpperCase() : shown;
    }
    case 'd':
      return signed(grouped(String(toInteger(number(value, kind))), flags), flags);
    case 'f':
      return signed(
        grouped(
          toDecimal(number(value, kind))
            .round(precision ?? 6)
            .toString(),
          flags,
        ),
        flags,
      );
    case 'e':
    case 'E': {
      const shown = toDouble(number(value, kind))
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
      return kind === 'E' ? shown.toUpperCase() : shown;
    }
    case 'g':
      return toDouble(number(value, kind)).toPrecision(precision ?? 6);
    case 'x':
      return BigInt(toInteger(number(value, kind))).toString(16);
    case 'X':
      return BigInt(toInteger(number(value, kind)))
        .toString(16)
        .toUpperCase();
    case 'o':
      return BigInt(toInteger(number(value, kind))).toString(8);
    case 'b':
      return String(truth(value));
    case 'c':
      return typeof value === 'number' ? String.fromCharCode(value) : text(value);
    default:
      throw fault(`format: unknown conversion %${kind}.`, 'IllegalArgumentException');
  }
}

function number(value: Value, kind: string): Value {
  if (isNumber(value)) return value;
  throw fault(`format: %${kind} needs a number, not ${text(value)}.`, 'IllegalArgumentException');
}

function grouped(digits: string, flags: string): string {
  if (!flags.includes(',')) return digits;
  const [whole = '', fraction] = digits.split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

function signed(digits: string, flags: string): string {
  return flags.includes('+') && !digits.startsWith('-') ? `+${digits}` : digits;
}
