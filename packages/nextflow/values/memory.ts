import { illegalArgument } from './errors.ts';
import { isNumber, toDouble } from './number.ts';
import { GroovyObject, type Value } from './value.ts';
import { Double } from './double.ts';

export const MEMORY_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB'] as const;

/** An amount of memory or disk: `8.GB`, '1.5 MB'. */
export class MemoryUnit extends GroovyObject {
  readonly className = 'MemoryUnit';
  readonly bytes: number;

  constructor(bytes: number) {
    super();
    this.bytes = bytes;
  }

  static parse(written: Value): MemoryUnit {
    if (written instanceof MemoryUnit) return written;
    if (isNumber(written)) return new MemoryUnit(Math.trunc(toDouble(written)));
    const found = /^\s*([\d.,]+)\s*([KMGTPEZ]?B?)\s*$/i.exec(String(written));
    const number = Number(found?.[1]?.replace(/,/g, ''));
    if (!found || Number.isNaN(number)) {
      throw illegalArgument(
        `"${String(written)}" is not an amount of memory. Write a number and a unit: '8 GB'.`,
      );
    }
    const unit = found[2]!.toUpperCase();
    const power =
      unit === '' || unit === 'B' ? 0 : MEMORY_UNITS.findIndex((each) => each[0] === unit[0] && each !== 'B');
    return new MemoryUnit(Math.trunc(number * 1024 ** power));
  }

  toUnit(unit: string): number {
    const power = MEMORY_UNITS.indexOf(unit.toUpperCase() as (typeof MEMORY_UNITS)[number]);
    if (power < 0)
      throw illegalArgument(`"${unit}" is not a unit of memory. Use one of ${MEMORY_UNITS.join(', ')}.`);
    return Math.trunc(this.bytes / 1024 ** power);
  }

  override property(name: string): Value | undefined {
    return /^(bytes|kilo|mega|giga|tera)$/.test(name)
      ? this.invoke(`to${name[0]!.toUpperCase()}${name.slice(1)}`, [])
      : undefined;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    switch (name) {
      case 'toBytes':
        return this.bytes;
      case 'toKilo':
      case 'getKilo':
        return this.toUnit('KB');
      case 'toMega':
      case 'getMega':
        return this.toUnit('MB');
      case 'toGiga':
      case 'getGiga':
        return this.toUnit('GB');
      case 'toTera':
        return this.toUnit('TB');
      case 'toUnit':
        return this.toUnit(String(args[0]));
      case 'plus':
        return new MemoryUnit(this.bytes + MemoryUnit.parse(args[0]).bytes);
      case 'minus':
        return new MemoryUnit(this.bytes - MemoryUnit.parse(args[0]).bytes);
      case 'multiply':
        return new MemoryUnit(Math.trunc(this.bytes * toDouble(args[0])));
      case 'div':
        return args[0] instanceof MemoryUnit
          ? new Double(this.bytes / args[0].bytes)
          : new MemoryUnit(Math.trunc(this.bytes / toDouble(args[0])));
      default:
        return undefined;
    }
  }

  override equals(other: Value): boolean {
    return other instanceof MemoryUnit && other.bytes === this.bytes;
  }

  override key(): Value {
    return ['memory', this.bytes];
  }

  override compare(other: Value): number | undefined {
    if (!(other instanceof MemoryUnit) && typeof other !== 'string' && !isNumber(other)) return undefined;
    return this.bytes - MemoryUnit.parse(other).bytes;
  }

  override truth(): boolean {
    return this.bytes !== 0;
  }

  toString(): string {
    if (this.bytes <= 0) return '0';
    const power = Math.min(Math.floor(Math.log(this.bytes) / Math.log(1024) + 1e-9), MEMORY_UNITS.length - 1);
    return `${Number((this.bytes / 1024 ** power).toFixed(1))} ${MEMORY_UNITS[power]}`;
  }
}
