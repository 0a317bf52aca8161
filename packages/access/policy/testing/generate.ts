import type { NaivePolicies, NaiveRequest } from './naive.ts';

/** A request and policies that have a fair chance to be about it. */
export interface Case {
  readonly request: NaiveRequest;
  readonly policies: NaivePolicies;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const A = '111111111111';
const B = '222222222222';
const ACTIONS = ['omics:GetRun', 'omics:StartRun', 's3:GetObject', 'kms:Decrypt', 'iam:PassRole'];
const ACTION_PATTERNS = [
  '*',
  'omics:*',
  'omics:Get*',
  'OMICS:getrun',
  's3:Get?bject',
  'kms:*',
  'omics:*Run',
  'iam:PassRole',
  'sts:*',
];
const RESOURCES = [
  `arn:aws:omics:us-east-1:${A}:run/12`,
  `arn:aws:omics:us-east-1:${B}:run/12`,
  'arn:aws:s3:::data/alice/reads.bam',
  'arn:aws:s3:::data/a*b/x:y',
  `arn:aws:kms:us-east-1:${A}:key/k-1`,
  '*',
];
const RESOURCE_PATTERNS = [
  '*',
  `arn:aws:omics:us-east-1:${A}:*`,
  `arn:aws:omics:*:*:run/1?`,
  'arn:aws:omics',
  `arn:aws:omics:us-east-1:*`,
  'arn:aws:s3:::data/*',
  'arn:aws:s3:::data/${aws:username}/*',
  "arn:aws:s3:::data/${aws:PrincipalTag/team, 'a*b'}/*",
  'arn:aws:s3:::data/a${*}b/*',
  'arn:aws:s3:::${missing:key}/*',
  `arn:aws:kms:*:${A}:key/*-?`,
];
const USER = `arn:aws:iam::${A}:user/alice`;
const ROLE = `arn:aws:iam::${A}:role/lab`;
const SESSION = `arn:aws:sts::${A}:assumed-role/lab/s1`;
const FEDERATED = `arn:aws:sts::${A}:federated-user/guest`;
const ROOT = `arn:aws:iam::${A}:root`;
const PRINCIPALS: readonly unknown[] = [
  '*',
  { AWS: '*' },
  { AWS: A },
  { AWS: ROOT },
  { AWS: [USER] },
  { AWS: [ROLE, USER, ROOT] },
  { AWS: [SESSION] },
  { AWS: [SESSION, ROLE, A] },
  { AWS: [FEDERATED, `arn:aws:iam::${B}:root`] },
  { AWS: B },
  { Service: 'omics.amazonaws.com' },
  { Service: '*', AWS: ROLE },
  { Federated: 'accounts.example.org' },
];
const REQUESTERS: readonly Pick<NaiveRequest, 'arn' | 'issuer' | 'account' | 'kind'>[] = [
  { kind: 'root', arn: ROOT, issuer: undefined, account: A },
  { kind: 'user', arn: USER, issuer: undefined, account: A },
  { kind: 'role', arn: SESSION, issuer: ROLE, account: A },
  { kind: 'federated', arn: FEDERATED, issuer: USER, account: A },
  { kind: 'service', arn: 'omics.amazonaws.com', issuer: undefined, account: A },
  { kind: 'web-identity', arn: 'accounts.example.org', issuer: undefined, account: A },
];
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  String: ['alice', 'Alice', 'a*', 'a*b', '${aws:username}', '${missing:key}', 'x', ''],
  Numeric: ['10', 10, '9.5', '-1', '011'],
  Date: ['2026-11-25T00:00:00Z', '2026-01-01', '1795564800', '1767225600'],
  Bool: ['true', 'false', true],
  Binary: ['YWI=', 'YWI', 'YWM='],
  Ip: ['10.0.0.0/8', '10.1.2.3', '192.168.0.0/16', '0.0.0.0/0'],
  Arn: [
    'arn:aws:iam::*:user/*',
    ROLE,
    `arn:aws:omics:us-east-1:${A}:run/*`,
    'arn:aws:iam::${aws:PrincipalAccount}:*',
    '*',
  ],
};
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  String: ['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'],
  Numeric: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'],
  Date: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'],
  Bool: [''],
  Binary: ['Equals'],
  Ip: ['Address', 'NotAddress'],
  Arn: ['Equals', 'NotEquals', 'Like', 'NotLike'],
};
/** Keys by family, and what they may be; lists are multivalued keys. */
const KEYS: Readonly<Record<string, readonly (readonly [string, readonly unknown[]])[]>> = {
  String: [
    ['aws:username', ['alice', 'a*b', undefined]],
    ['aws:PrincipalTag/team', ['alice', 'x', undefined]],
    ['aws:TagKeys', [['alice', 'x'], ['a*b'], [], [''], undefined]],
  ],
  Numeric: [['s3:max-keys', ['10', '9', '11', undefined]]],
  Date: [['aws:CurrentTime', ['2026-11-25T00:00:00Z', '2026-01-01T00:00:00Z', undefined]]],
  Bool: [['aws:SecureTransport', ['true', 'false', undefined]]],
  Binary: [['kms:digest', ['YWI=', 'YWM=', undefined]]],
  Ip: [['aws:SourceIp', ['10.1.2.3', '10.1.2.4', '192.168.7.7', undefined]]],
  Arn: [['aws:SourceArn', [ROLE, USER, `arn:aws:omics:us-east-1:${A}:run/1:2`, 'none', undefined]]],
};

export class Generator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  case(): Case {
    return { request: this.#request(), policies: this.#policies() };
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  policy(isResource: boolean): Readonly<Record<string, unknown>> {
    const version = this.pick([
      { Version: '2012-10-17' },
      { Version: '2012-10-17' },
      { Version: '2008-10-17' },
      {},
    ]);
    return { ...version, Statement: this.#several(() => this.statement(isResource), 1, 3) };
  }

  statement(isResource: boolean): Readonly<Record<string, unknown>> {
    return {
      Effect: this.chance(0.75) ? 'Allow' : 'Deny',
      ...this.#element('Action', ACTION_PATTERNS),
      ...(isResource && this.chance(0.1) ? {} : this.#element('Resource', RESOURCE_PATTERNS)),
      ...(isResource ? { [this.chance(0.85) ? 'Principal' : 'NotPrincipal']: this.pick(PRINCIPALS) } : {}),
      ...(this.chance(0.4) ? { Condition: this.#conditions() } : {}),
    };
  }

  #element(name: string, values: readonly string[]): Record<string, unknown> {
    const list = this.#several(() => this.pick(values), 1, 2);
    return { [this.chance(0.85) ? name : `Not${name}`]: list.length === 1 ? list[0] : list };
  }

  #conditions(): Record<string, unknown> {
    return Object.fromEntries(this.#several(() => this.#condition(), 1, 2));
  }

  #condition(): readonly [string, unknown] {
    const family = this.pick(Object.keys(KEYS));
    const [key] = this.pick(KEYS[family]!);
    if (this.chance(0.08)) return ['Null', { [key]: this.pick(['true', 'false']) }];
    const name = this.pick(OPERATORS[family]!);
    const operator = family === 'Ip' ? name.replace('Address', 'IpAddress') : family + name;
    const quantifier = this.pick(['', '', '', 'ForAllValues:', 'ForAnyValue:']);
    const suffix = this.chance(0.25) ? 'IfExists' : '';
    const values = this.#several(() => this.pick(VALUES[family]!), 1, 2);
    return [quantifier + operator + suffix, { [key]: values }];
  }

  #policies(): NaivePolicies {
    const own = (max: number) => this.#several(() => this.policy(false), 0, max);
    const resource = () => this.#several(() => this.policy(true), 0, 2);
    return {
      identity: own(3),
      ...(this.chance(0.25) ? { boundary: own(1) } : {}),
      ...(this.chance(0.25) ? { session: own(2) } : {}),
      ...(this.chance(0.2) ? { serviceControl: this.#several(() => own(2), 1, 2) } : {}),
      ...(this.chance(0.15) ? { endpoint: resource() } : {}),
      ...(this.chance(0.5) ? { resource: resource() } : {}),
    };
  }

  #request(): NaiveRequest {
    const context: Record<string, string | readonly string[]> = { 'aws:PrincipalAccount': A };
    for (const [key, values] of Object.values(KEYS).flat()) {
      const value = this.pick(values) as string | readonly string[] | undefined;
      if (value !== undefined) context[key] = value;
    }
    return {
      ...this.pick(REQUESTERS),
      action: this.pick(ACTIONS),
      resource: this.pick(RESOURCES),
      owner: this.pick([A, A, B]),
      needsResourcePolicy: this.chance(0.2),
      context,
    };
  }

  #several<T>(make: () => T, least: number, most: number): readonly T[] {
    const count = least + Math.floor(this.#random() * (most - least + 1));
    return Array.from({ length: count }, make);
  }
}
