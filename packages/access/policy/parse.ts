import type { Element, PolicyDocument, Statement } from './document.ts';
import { PolicyFault, syntaxFault } from './fault.ts';
import { type JsonObject, objectAt, onlyKeys, stringsAt, textAt } from './json-value.ts';
import { repeatedKey } from './json-keys.ts';
import { readConditions } from './parse-condition.ts';
import { readAction, readPrincipal, readResource } from './parse-element.ts';

/** Where a policy is attached, which decides what its statements must have. */
export type PolicyKind = 'identity' | 'resource' | 'repository' | 'endpoint' | 'trust' | 'attached';

interface Rule {
  readonly principal: 'required' | 'prohibited';
  readonly resource: 'required' | 'prohibited' | 'optional';
}
const RULES: Readonly<Record<PolicyKind, Rule>> = {
  identity: { principal: 'prohibited', resource: 'required' },
  resource: { principal: 'required', resource: 'required' },
  // Image repositories' policies mean the repository that they are attached to.
  repository: { principal: 'required', resource: 'optional' },
  endpoint: { principal: 'required', resource: 'required' },
  // Whatever was let in where it is kept: trust policies and buckets', to be evaluated.
  attached: { principal: 'required', resource: 'optional' },
  trust: { principal: 'required', resource: 'prohibited' },
};

/** Reads a policy document. Throws PolicyFault. */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  const document = objectAt(parseJson(text), 'The document');
  onlyKeys(document, 'The document', ['Version', 'Id', 'Statement']);
  const statements = [document['Statement'] ?? []].flat().map((value, index) => {
    const where = `Statement[${index}]`;
    return readStatement(objectAt(value, where), where, RULES[kind]);
  });
  if (document['Statement'] === undefined) throw syntaxFault('The document', 'has no Statement');
  uniqueSids(statements);
  const id = textAt(document['Id'], 'Id');
  return { version: readVersion(textAt(document['Version'], 'Version')), id, statements };
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw syntaxFault('The text', `is not JSON: ${(error as Error).message}`);
  }
  const repeated = repeatedKey(text);
  if (repeated === undefined) return value;
  throw syntaxFault(`The key "${repeated}"`, 'is given twice in one object');
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
function readVersion(version: string | undefined): PolicyDocument['version'] {
  if (version === undefined || version === '2008-10-17') return '2008-10-17';
  if (version === '2012-10-17') return version;
  throw new PolicyFault('Policy document must be version 2012-10-17 or greater.', `Version is ${version}`);
}

const KEYS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

function readStatement(statement: JsonObject, where: string, rule: Rule): Statement {
  onlyKeys(statement, where, KEYS);
  const effect = textAt(statement['Effect'], `${where}.Effect`);
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw syntaxFault(`${where}.Effect`, 'must be "Allow" or "Deny"');
  }
  const action = elementOf(statement, 'Action', where, readAction);
  if (!action) throw new PolicyFault('Policy statement must contain actions.', where);
  return {
    sid: textAt(statement['Sid'], `${where}.Sid`),
    effect,
    action,
    resource: ruled(elementOf(statement, 'Resource', where, readResource), rule.resource, RESOURCE, where),
    principal: ruled(principalOf(statement, where), rule.principal, PRINCIPAL, where),
    conditions: readConditions(statement['Condition'], `${where}.Condition`),
  };
}

const RESOURCE = {
  required: 'Policy statement must contain resources.',
  prohibited: 'Has prohibited field Resource.',
};
const PRINCIPAL = {
  required: 'Missing required field Principal.',
  prohibited: 'Policy document should not specify a principal.',
};

function ruled<T>(
  element: Element<T> | undefined,
  rule: 'required' | 'prohibited' | 'optional',
  sentences: { readonly required: string; readonly prohibited: string },
  where: string,
): Element<T> | undefined {
  if (rule === 'required' && !element) throw new PolicyFault(sentences.required, where);
  if (rule === 'prohibited' && element) throw new PolicyFault(sentences.prohibited, where);
  return element;
}

function elementOf(
  statement: JsonObject,
  name: 'Action' | 'Resource',
  where: string,
  read: (text: string, where: string) => string,
): Element<string> | undefined {
  const chosen = oneOf(statement, name, where);
  if (!chosen) return undefined;
  const place = `${where}.${chosen}`;
  const values = stringsAt(statement[chosen], place).map((text) => read(text, place));
  if (values.length === 0) throw syntaxFault(place, 'is empty');
  return { not: chosen !== name, values };
}

function principalOf(statement: JsonObject, where: string): Statement['principal'] {
  const chosen = oneOf(statement, 'Principal', where);
  if (!chosen) return undefined;
  return { not: chosen !== 'Principal', values: readPrincipal(statement[chosen], `${where}.${chosen}`) };
}

/** The element or its Not form; having both is a fault. */
function oneOf(statement: JsonObject, name: string, where: string): string | undefined {
  const found = [name, `Not${name}`].filter((key) => statement[key] !== undefined);
  if (found.length === 2) throw syntaxFault(where, `has both ${name} and Not${name}`);
  return found[0];
}

function uniqueSids(statements: readonly Statement[]): void {
  const sids = statements.map(({ sid }) => sid).filter((sid) => sid !== undefined && sid !== '');
  const repeated = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (repeated === undefined) return;
  throw new PolicyFault('Statement IDs (SID) in a single policy must be unique.', `"${repeated}"`);
}
