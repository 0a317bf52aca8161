import { BlockList, isIP } from 'node:net';
import { arnMatcher } from './arn-pattern.ts';
import type { OperatorName } from './document.ts';
import { globMatcher, type Matcher, textOf } from './pattern.ts';

/** How a condition operator compares. `Null` asks for the key itself and is not here. */
export interface Operator {
  /** Holds where no value matches, a missing key included. */
  readonly negated: boolean;
  /** The comparison with one value of the policy. */
  compile(value: string, variables: boolean): Matcher;
}

type Compile = Operator['compile'];
const holds = (compile: Compile): Operator => ({ negated: false, compile });
const fails = (compile: Compile): Operator => ({ negated: true, compile });

/** Compares what both texts mean. Text without meaning (a date that is none) compares false to everything. */
function compared<T>(read: (text: string) => T, compare: (given: T, wanted: T) => boolean): Compile {
  return (value, variables) => {
    const wanted = textOf(value, { variables });
    return (given, context) => {
      const text = wanted(context);
      return text !== undefined && compare(read(given), read(text));
    };
  };
}

const asIs = (text: string) => text;
const lower = (text: string) => text.toLowerCase();
const equal = <T>(given: T, wanted: T) => given === wanted;
const less = (given: number, wanted: number) => given < wanted;
const lessOrEqual = (given: number, wanted: number) => given <= wanted;
const greater = (given: number, wanted: number) => given > wanted;
const greaterOrEqual = (given: number, wanted: number) => given >= wanted;

/** Decimal digits with sign and fraction; NaN otherwise. */
export function readNumber(text: string): number {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Milliseconds of a W3C date or of seconds since 1970; NaN otherwise. */
export function readDate(text: string): number {
  return DATE.test(text) ? Date.parse(text) : readNumber(text) * 1000;
}

function readBytes(text: string): string {
  return Buffer.from(text, 'base64').toString('hex');
}

/** The addresses of `10.0.0.0/8`, `2001:db8::/32` or of one address; undefined where the text is neither. */
export function readNetwork(text: string): BlockList | undefined {
  const [, address, prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address ?? '');
  const bits = version === 6 ? 128 : 32;
  const length = Number(prefix ?? bits);
  if (version === 0 || length > bits) return undefined;
  const list = new BlockList();
  list.addSubnet(address!, length, `ipv${version as 4 | 6}`);
  return list;
}

const inNetwork: Compile = (value, variables) => {
  const wanted = textOf(value, { variables });
  return (given, context) => {
    const version = isIP(given);
    const network = readNetwork(wanted(context) ?? '');
    return network !== undefined && version !== 0 && network.check(given, `ipv${version as 4 | 6}`);
  };
};

const text = compared(asIs, equal);
const folded = compared(lower, equal);
const number = (compare: (given: number, wanted: number) => boolean) => compared(readNumber, compare);
const date = (compare: (given: number, wanted: number) => boolean) => compared(readDate, compare);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export const operators: Readonly<Record<Exclude<OperatorName, 'Null'>, Operator>> = {
  StringEquals: holds(text),
  StringNotEquals: fails(text),
  StringEqualsIgnoreCase: holds(folded),
  StringNotEqualsIgnoreCase: fails(folded),
  StringLike: holds(globMatcher),
  StringNotLike: fails(globMatcher),
  NumericEquals: holds(number(equal)),
  NumericNotEquals: fails(number(equal)),
  NumericLessThan: holds(number(less)),
  NumericLessThanEquals: holds(number(lessOrEqual)),
  NumericGreaterThan: holds(number(greater)),
  NumericGreaterThanEquals: holds(number(greaterOrEqual)),
  DateEquals: holds(date(equal)),
  DateNotEquals: fails(date(equal)),
  DateLessThan: holds(date(less)),
  DateLessThanEquals: holds(date(lessOrEqual)),
  DateGreaterThan: holds(date(greater)),
  DateGreaterThanEquals: holds(date(greaterOrEqual)),
  Bool: holds(folded),
  BinaryEquals: holds(compared(readBytes, equal)),
  IpAddress: holds(inNetwork),
  NotIpAddress: fails(inNetwork),
  ArnEquals: holds(arnMatcher),
  ArnLike: holds(arnMatcher),
  ArnNotEquals: fails(arnMatcher),
  ArnNotLike: fails(arnMatcher),
};
