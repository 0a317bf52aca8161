import { arnMatcher } from './arn-pattern.ts';
import { compileCondition, type ConditionTest } from './condition.ts';
import { contextKey } from './context.ts';
import type { Element, PolicyDocument, PrincipalName, Statement } from './document.ts';
import { globMatcher, type Matcher } from './pattern.ts';
import { canonicalPrefix } from './service-prefix.ts';
import { isVariable, readTemplate } from './template.ts';

/** A policy ready to be asked, many times. */
export interface Policy {
  /** How messages and explanations call it: its ARN, or the inline policy's name. */
  readonly name: string;
  readonly statements: readonly CompiledStatement[];
  /**
   * Every condition key that it looks at, in lower case and up to its first slash (`aws:resourcetag`): what no policy asks
   * for need not be found out.
   */
  readonly asks: ReadonlySet<string>;
}

export interface CompiledStatement {
  /** Its Sid, or `statement 2`. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principal: Element<PrincipalName> | undefined;
  readonly action: Matcher;
  /** Absent: the resource that the policy is attached to. */
  readonly resource: Matcher | undefined;
  readonly conditions: readonly ConditionTest[];
}

export function compilePolicy(name: string, document: PolicyDocument): Policy {
  const variables = document.version === '2012-10-17';
  return {
    name,
    statements: document.statements.map((statement, index) => compileStatement(statement, index, variables)),
    asks: new Set(document.statements.flatMap((statement) => keysOf(statement, variables)).map(family)),
  };
}

function compileStatement(statement: Statement, index: number, variables: boolean): CompiledStatement {
  const { action, resource } = statement;
  return {
    name: statement.sid || `statement ${index + 1}`,
    effect: statement.effect,
    principal: statement.principal,
    action: compileElement(action, actionMatcher),
    resource: resource && compileElement(resource, (value) => arnMatcher(value, variables)),
    conditions: statement.conditions.map((condition) => compileCondition(condition, variables)),
  };
}

function compileElement({ not, values }: Element<string>, compile: (value: string) => Matcher): Matcher {
  const matchers = values.map(compile);
  return (value, context) => matchers.some((matches) => matches(value, context)) !== not;
}

/** Actions are compared without case; the request's is given in lower case. */
function actionMatcher(value: string): Matcher {
  return globMatcher(canonicalPrefix(value.toLowerCase()), false);
}

function keysOf({ resource, conditions }: Statement, variables: boolean): readonly string[] {
  const templates = [...(resource?.values ?? []), ...conditions.flatMap(({ values }) => values)];
  const used = templates.flatMap((text) => readTemplate(text, { variables, wildcards: false }));
  return [...conditions.map(({ key }) => contextKey(key)), ...used.filter(isVariable).map(({ key }) => key)];
}

function family(key: string): string {
  return key.split('/', 1)[0]!;
}
