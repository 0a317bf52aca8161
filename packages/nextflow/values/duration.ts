import { illegalArgument } from './errors.ts';
import { isNumber, toDouble } from './number.ts';
import { GroovyObject, type Value } from './value.ts';
import { Double } from './double.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
/** The milliseconds of every name of a unit. */
export const DURATION_UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, milli: 1, millis: 1, millisecond: 1, milliseconds: 1 },
  ...{ s: SECOND, sec: SECOND, secs: SECOND, second: SECOND, seconds: SECOND },
  ...{ m: MINUTE, min: MINUTE, mins: MINUTE, minute: MINUTE, minutes: MINUTE },
  ...{ h: HOUR, hour: HOUR, hours: HOUR, d: DAY, day: DAY, days: DAY },
};
const WORD = /([\d.]+)\s*([a-z]+)\s*/giy;

/** A length of time: `2.h`, '1d 3h 30min'. */
export class Duration extends GroovyObject {
  readonly className = 'Duration';
  readonly millis: number;

  constructor(millis: number) {
    super();
    this.millis = millis;
  }

  static parse(written: Value): Duration {
    if (written instanceof Duration) return written;
    if (isNumber(written)) return new Duration(Math.trunc(toDouble(written)));
    const source = String(written).trim();
    if (/^\d+$/.test(source)) return new Duration(Number(source));
    const clock = /^(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(source);
    if (clock)
      return new Duration(Number(clock[1]) * HOUR + Number(clock[2]) * MINUTE + Number(clock[3]) * SECOND);
    let total = 0;
    let at = 0;
    while (at < source.length) {
      WORD.lastIndex = at;
      const found = WORD.exec(source);
      const unit = found && DURATION_UNITS[found[2]!.toLowerCase()];
      if (!found || unit === undefined || unit === null) {
        throw illegalArgument(`"${source}" is not a length of time. Write numbers and units: '2h 30m'.`);
      }
      total += Number(found[1]) * unit;
      at = WORD.lastIndex;
    }
    return new Duration(Math.trunc(total));
  }

  override property(name: string): Value | undefined {
    return this.invoke(`to${name[0]?.toUpperCase()}${name.slice(1)}`, []);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    switch (name) {
      case 'toMillis':
      case 'getMillis':
        return this.millis;
      case 'toSeconds':
      case 'getSeconds':
        return Math.trunc(this.millis / SECOND);
      case 'toMinutes':
      case 'getMinutes':
        return Math.trunc(this.millis / MINUTE);
      case 'toHours':
      case 'getHours':
        return Math.trunc(this.millis / HOUR);
      case 'toDays':
      case 'getDays':
        return Math.trunc(this.millis / DAY);
      case 'format':
        return this.toString();
      case 'plus':
        return new Duration(this.millis + Duration.parse(args[0]).millis);
      case 'minus':
        return new Duration(this.millis - Duration.parse(args[0]).millis);
      case 'multiply':
        return new Duration(Math.trunc(this.millis * toDouble(args[0])));
      case 'div':
        return args[0] instanceof Duration
          ? new Double(this.millis / args[0].millis)
          : new Duration(Math.trunc(this.millis / toDouble(args[0])));
      default:
        return undefined;
    }
  }

  override equals(other: Value): boolean {
    return other instanceof Duration && other.millis === this.millis;
  }

  override key(): Value {
    return ['duration', this.millis];
  }

  override compare(other: Value): number | undefined {
    if (!(other instanceof Duration) && typeof other !== 'string' && !isNumber(other)) return undefined;
    return this.millis - Duration.parse(other).millis;
  }

  override truth(): boolean {
    return this.millis !== 0;
  }

  toString(): string {
    if (this.millis < SECOND) return `${this.millis}ms`;
    if (this.millis < MINUTE) return `${Math.round(this.millis / 100) / 10}s`;
    const parts = [
      [Math.floor(this.millis / DAY), 'd'],
      [Math.floor(this.millis / HOUR) % 24, 'h'],
      [Math.floor(this.millis / MINUTE) % 60, 'm'],
      [Math.floor(this.millis / SECOND) % 60, 's'],
    ] as const;
    return parts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join(' ');
  }
}
