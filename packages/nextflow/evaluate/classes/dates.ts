import { fault } from '../../values/errors.ts';
import { text } from '../../values/text.ts';
import { GroovyObject, type Value } from '../../values/value.ts';
import type { HostClass } from './class-reference.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const DAY = 86_400_000;
/** Milliseconds of the units that java.time counts in. */
const STEPS: Readonly<Record<string, number>> = {
  Days: DAY,
  Weeks: 7 * DAY,
  Hours: 3_600_000,
  Minutes: 60_000,
  Seconds: 1_000,
};

/** A moment: java.util.Date and the classes of java.time, in the machine's zone. */
export class Moment extends GroovyObject {
  readonly className: string;
  readonly millis: number;

  constructor(millis: number, className = 'Date') {
    super();
    this.millis = millis;
    this.className = className;
  }

  get date(): Date {
    return new Date(this.millis);
  }

  override property(name: string): Value | undefined {
    return this.invoke(`get${name[0]?.toUpperCase()}${name.slice(1)}`, []);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    const { date } = this;
    const step = /^(plus|minus)(Days|Weeks|Hours|Minutes|Seconds)$/.exec(name);
    if (step)
      return new Moment(
        this.millis + (step[1] === 'plus' ? 1 : -1) * Number(args[0]) * STEPS[step[2]!]!,
        this.className,
      );
    switch (name) {
      case 'format':
        return formatDate(date, args[0] instanceof Formatter ? args[0].pattern : text(args[0]));
      case 'getTime':
      case 'toEpochMilli':
        return this.millis;
      case 'getEpochSecond':
      case 'toEpochSecond':
        return Math.floor(this.millis / 1_000);
      case 'getYear':
        return this.className === 'Date' ? date.getFullYear() - 1900 : date.getFullYear();
      case 'getMonthValue':
        return date.getMonth() + 1;
      case 'getDayOfMonth':
        return date.getDate();
      case 'getHour':
        return date.getHours();
      case 'getMinute':
        return date.getMinutes();
      case 'getSecond':
        return date.getSeconds();
      case 'toInstant':
      case 'toLocalDateTime':
      case 'atZone':
        return new Moment(this.millis, 'Instant');
      case 'toLocalDate':
        return new Moment(this.millis, 'LocalDate');
      case 'plus':
        return typeof args[0] === 'number'
          ? new Moment(this.millis + args[0] * DAY, this.className)
          : undefined;
      case 'minus':
        return typeof args[0] === 'number'
          ? new Moment(this.millis - args[0] * DAY, this.className)
          : undefined;
      case 'before':
      case 'isBefore':
        return this.millis < (args[0] as Moment).millis;
      case 'after':
      case 'isAfter':
        return this.millis > (args[0] as Moment).millis;
      default:
        return undefined;
    }
  }

  override equals(other: Value): boolean {
    return other instanceof Moment && other.millis === this.millis;
  }

  override key(): Value {
    return ['moment', this.millis];
  }

  override compare(other: Value): number | undefined {
    return other instanceof Moment ? this.millis - other.millis : undefined;
  }

  toString(): string {
    switch (this.className) {
      case 'Date':
        return formatDate(this.date, 'EEE MMM dd HH:mm:ss zzz yyyy');
      case 'LocalDate':
        return formatDate(this.date, 'yyyy-MM-dd');
      case 'LocalDateTime':
        return formatDate(this.date, "yyyy-MM-dd'T'HH:mm:ss.SSS");
      case 'OffsetDateTime':
        return formatDate(this.date, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
      default:
        return this.date.toISOString();
    }
  }
}

class Formatter extends GroovyObject {
  readonly className = 'DateTimeFormatter';
  readonly pattern: string;

  constructor(pattern: string) {
    super();
    this.pattern = pattern;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'format')
      return formatDate(args[0] instanceof Moment ? args[0].date : new Date(Number(args[0])), this.pattern);
    return name === 'parse' ? parseDate(text(args[0]), 'Date') : undefined;
  }

  toString(): string {
    return this.pattern;
  }
}

/** A pattern of SimpleDateFormat and DateTimeFormatter. */
export function formatDate(date: Date, pattern: string): string {
  return pattern.replace(/'((?:[^']|'')*)'|([a-zA-Z])\2*/g, (word, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'");
    return field(date, word);
  });
}

function field(date: Date, word: string): string {
  const digits = (value: number) => String(value).padStart(word.length, '0');
  switch (word[0]) {
    case 'y':
    case 'u':
    case 'Y':
      return word.length === 2
        ? String(date.getFullYear()).slice(2)
        : String(date.getFullYear()).padStart(word.length, '0');
    case 'M':
    case 'L':
      if (word.length <= 2) return digits(date.getMonth() + 1);
      return word.length === 3 ? MONTHS[date.getMonth()]!.slice(0, 3) : MONTHS[date.getMonth()]!;
    case 'd':
      return digits(date.getDate());
    case 'E':
      return word.length <= 3 ? DAYS[date.getDay()]!.slice(0, 3) : DAYS[date.getDay()]!;
    case 'H':
      return digits(date.getHours());
    case 'h':
      return digits(date.getHours() % 12 || 12);
    case 'm':
      return digits(date.getMinutes());
    case 's':
      return digits(date.getSeconds());
    case 'S':
      return String(date.getMilliseconds()).padStart(3, '0').padEnd(word.length, '0').slice(0, word.length);
    case 'a':
      return date.getHours() < 12 ? 'AM' : 'PM';
    case 'D':
      return digits(Math.floor((date.getTime() - new Date(date.getFullYear(), 0, 1).getTime()) / DAY) + 1);
    case 'z':
    case 'V':
      return Intl.DateTimeFormat('en', { timeZoneName: 'short' })
        .formatToParts(date)
        .find(({ type }) => type === 'timeZoneName')!.value;
    case 'Z':
      return offset(date, '');
    case 'X':
    case 'x':
      return date.getTimezoneOffset() === 0 && word[0] === 'X'
        ? 'Z'
        : offset(date, word.length >= 3 ? ':' : '');
    default:
      return word;
  }
}

function offset(date: Date, separator: string): string {
  const minutes = -date.getTimezoneOffset();
  const part = (value: number) => String(Math.abs(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${part(Math.trunc(minutes / 60))}${separator}${part(minutes % 60)}`;
}

function parseDate(written: string, className: string): Moment {
  const day = /^(\d{4})[-/]?(\d\d)[-/]?(\d\d)$/.exec(written);
  const millis = day
    ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])).getTime()
    : Date.parse(written);
  if (Number.isNaN(millis)) throw fault(`"${written}" is not a date.`, 'DateTimeParseException');
  return new Moment(millis, className);
}

const moment = (className: string): HostClass => ({
  create: (args, world) => new Moment(args.length > 0 ? Number(args[0]) : world.now(), className),
  statics: {
    now: (_args, world) => new Moment(world.now(), className),
    parse: ([written, pattern]) =>
      parseDate(text(className === 'Date' && pattern !== undefined ? pattern : written), className),
    of: ([year, month, day, hour, minute]) =>
      new Moment(
        new Date(
          Number(year),
          Number(month) - 1,
          Number(day),
          Number(hour ?? 0),
          Number(minute ?? 0),
        ).getTime(),
        className,
      ),
    ofEpochMilli: ([millis]) => new Moment(Number(millis), className),
  },
});

export const dates: Readonly<Record<string, HostClass>> = {
  Date: moment('Date'),
  LocalDate: moment('LocalDate'),
  LocalDateTime: moment('LocalDateTime'),
  OffsetDateTime: moment('OffsetDateTime'),
  ZonedDateTime: moment('OffsetDateTime'),
  Instant: moment('Instant'),
  SimpleDateFormat: { create: ([pattern]) => new Formatter(text(pattern)) },
  DateTimeFormatter: {
    statics: { ofPattern: ([pattern]) => new Formatter(text(pattern)) },
    fields: {
      ISO_LOCAL_DATE: new Formatter('yyyy-MM-dd'),
      ISO_DATE: new Formatter('yyyy-MM-dd'),
      ISO_LOCAL_DATE_TIME: new Formatter("yyyy-MM-dd'T'HH:mm:ss"),
    },
  },
};
