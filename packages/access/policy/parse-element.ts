import { isArnPattern } from './arn-pattern.ts';
import type { PrincipalName } from './document.ts';
import { PolicyFault, syntaxFault } from './fault.ts';
import { objectAt, onlyKeys, stringsAt } from './json-value.ts';

/** `service:Name` with wildcards in the name, or `*`. */
export function readAction(text: string, where: string): string {
  if (text === '*') return text;
  const [vendor, ...names] = text.split(':');
  if (names.length === 0) {
    const sentence = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
    throw new PolicyFault(sentence, `${where} has "${text}"`);
  }
  if (names.length > 1) {
    throw new PolicyFault('Actions/Condition can contain only one colon.', `${where} has "${text}"`);
  }
  if (!/^[\w-]+$/.test(vendor!)) {
    throw new PolicyFault(`Vendor ${vendor} is not valid`, `${where} has "${text}"`);
  }
  if (!/^[\w*?-]+$/.test(names[0]!)) throw syntaxFault(where, `has "${text}", which is no action`);
  return text;
}

const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'];

/** An ARN pattern or `*`. */
export function readResource(text: string, where: string): string {
  if (!isArnPattern(text)) {
    throw new PolicyFault(`Resource ${text} must be in ARN format or "*".`, where);
  }
  const [, partition] = text.split(':');
  if (partition === undefined || /[*?$]/.test(partition) || PARTITIONS.includes(partition)) return text;
  throw new PolicyFault(`Partition "${partition}" is not valid for resource "${text}".`, where);
}

const TYPES: readonly PrincipalName['type'][] = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

/** Everyone is `"*"`; accounts become the ARN of their root. */
export function readPrincipal(value: unknown, where: string): readonly PrincipalName[] {
  if (value === '*') return TYPES.map((type) => ({ type, value: '*' }));
  const principals = objectAt(value, where);
  onlyKeys(principals, where, TYPES);
  const names = TYPES.flatMap((type) =>
    principals[type] === undefined
      ? []
      : stringsAt(principals[type], `${where}.${type}`).map((name) => readName(type, name)),
  );
  if (names.length === 0) throw syntaxFault(where, 'names nobody');
  return names;
}

const ARN =
  /^arn:aws[\w-]*:(iam::\d{12}:(root|(user|role)\/\S+)|sts::\d{12}:(assumed-role|federated-user)\/\S+)$/;

function readName(type: PrincipalName['type'], name: string): PrincipalName {
  if (type !== 'AWS' || name === '*') return { type, value: name };
  if (/^\d{12}$/.test(name)) return { type, value: `arn:aws:iam::${name}:root` };
  // The wildcard would be text here: AWS takes none in a principal's ARN.
  if (ARN.test(name) && !/[*?]/.test(name)) return { type, value: name };
  throw new PolicyFault(`Invalid principal in policy: "AWS":"${name}"`);
}
