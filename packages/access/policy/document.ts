/** A policy document after reading: every element that may be one or many is a list. */
export interface PolicyDocument {
  readonly version: '2008-10-17' | '2012-10-17';
  readonly id: string | undefined;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  /** Action or NotAction. */
  readonly action: Element<string>;
  /** Resource or NotResource; trust policies and repositories' have none. */
  readonly resource: Element<string> | undefined;
  /** Principal or NotPrincipal; identity policies have none. */
  readonly principal: Element<PrincipalName> | undefined;
  readonly conditions: readonly Condition[];
}

export interface Element<T> {
  /** NotAction, NotResource, NotPrincipal. */
  readonly not: boolean;
  readonly values: readonly T[];
}

export interface PrincipalName {
  readonly type: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';
  /** `*` is everyone of the type. */
  readonly value: string;
}

export interface Condition {
  /** Without quantifier and IfExists: `StringEquals`. */
  readonly operator: OperatorName;
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly ifExists: boolean;
  readonly key: string;
  readonly values: readonly string[];
}

export const OPERATORS = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
  'DateEquals',
  'DateNotEquals',
  'DateLessThan',
  'DateLessThanEquals',
  'DateGreaterThan',
  'DateGreaterThanEquals',
  'Bool',
  'BinaryEquals',
  'IpAddress',
  'NotIpAddress',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Null',
] as const;
export type OperatorName = (typeof OPERATORS)[number];
