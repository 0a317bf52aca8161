import { type Condition, OPERATORS, type OperatorName } from './document.ts';
import { PolicyFault, syntaxFault } from './fault.ts';
import { objectAt } from './json-value.ts';
import { readDate, readNetwork, readNumber } from './operators.ts';

/** The Condition element: by operator, then by key. */
export function readConditions(value: unknown, where: string): readonly Condition[] {
  if (value === undefined) return [];
  return Object.entries(objectAt(value, where)).flatMap(([name, keys]) => {
    const operator = readOperator(name, where);
    return Object.entries(objectAt(keys, `${where}.${name}`)).map(([key, values]) => {
      const place = `${where}.${name}.${key}`;
      if (!/^[\w./-]+(:\d+)?:./.test(key)) throw vendorFault(place);
      return { ...operator, key, values: readValues(operator.operator, values, place) };
    });
  });
}

function vendorFault(place: string): PolicyFault {
  const sentence = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
  return new PolicyFault(sentence, place);
}

type Read = Pick<Condition, 'operator' | 'quantifier' | 'ifExists'>;

function readOperator(name: string, where: string): Read {
  const [, quantifier, base, suffix] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const operator = OPERATORS.find((known) => known === base);
  const isBare = quantifier === undefined && suffix === undefined;
  if (operator === undefined || (operator === 'Null' && !isBare)) {
    throw syntaxFault(where, `has the unknown operator "${name}"`);
  }
  return {
    operator,
    quantifier: quantifier as Read['quantifier'],
    ifExists: suffix !== undefined,
  };
}

/** Booleans and numbers may be given as such. */
function readValues(operator: OperatorName, value: unknown, place: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) => {
    if (!['string', 'number', 'boolean'].includes(typeof entry)) {
      throw syntaxFault(place, 'must be a string or a list of strings');
    }
    const text = String(entry);
    checkValue(operator, text, place);
    return text;
  });
}

/** What can never match is refused when it is written; a value with a variable is known only at the request. */
function checkValue(operator: OperatorName, text: string, place: string): void {
  const check = CHECKS.find(({ of }) => of.test(operator));
  if (!check || text.includes('${') || check.holds(text)) return;
  throw syntaxFault(place, `has "${text}", which is no ${check.noun}`);
}

const CHECKS: readonly { of: RegExp; noun: string; holds: (text: string) => boolean }[] = [
  { of: /^Numeric/, noun: 'number', holds: (text) => !Number.isNaN(readNumber(text)) },
  { of: /^Date/, noun: 'date', holds: (text) => !Number.isNaN(readDate(text)) },
  { of: /^(Bool|Null)$/, noun: 'Boolean', holds: (text) => /^(true|false)$/i.test(text) },
  { of: /IpAddress$/, noun: 'IP address or CIDR block', holds: (text) => readNetwork(text) !== undefined },
  { of: /^BinaryEquals$/, noun: 'Base64 text', holds: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) },
];
