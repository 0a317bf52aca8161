import { arnMatcher } from './arn-pattern.ts';
import { compileCondition, type ConditionTest } from './condition.ts';
import { type Context, contextKey } from './context.ts';
import type { Element, PolicyDocument, PrincipalName, Statement } from './document.ts';
import { globMatcher, type Matcher } from './pattern.ts';
import { canonicalPrefix } from './service-prefix.ts';
import { isVariable, readTemplate } from './template.ts';

/** A policy ready to be asked, many times. */
export interface Policy {
  readonly statements: readonly CompiledStatement[];
  /** The statements that are about an action, given in lower case. */
  about(action: string): readonly CompiledStatement[];
  /**
   * Every condition key that it looks at, in lower case and up to its first slash (`aws:resourcetag`): what no policy asks
   * for need not be found out.
   */
  readonly asks: ReadonlySet<string>;
}

export interface CompiledStatement {
  /** How messages and explanations call its policy: the ARN, or the inline policy's name. */
  readonly policy: string;
  /** Its Sid, or `statement 2`. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principal: Element<PrincipalName> | undefined;
  readonly isAbout: (action: string) => boolean;
  /** Absent: the resource that the policy is attached to. */
  readonly resource: Matcher | undefined;
  readonly conditions: readonly ConditionTest[];
}

export function compilePolicy(name: string, document: PolicyDocument): Policy {
  const variables = document.version === '2012-10-17';
  const statements = document.statements.map((statement, index) => ({
    ...{ policy: name, name: statement.sid || `statement ${index + 1}` },
    ...compileStatement(statement, variables),
  }));
  const asked = document.statements.flatMap((statement) => keysOf(statement, variables));
  return withIndex(statements, new Set(asked.map(family)));
}

/** Policies that are always asked together, as those of one user are. */
export function joinPolicies(policies: readonly Policy[]): Policy {
  const statements = policies.flatMap((policy) => policy.statements);
  return withIndex(statements, new Set(policies.flatMap(({ asks }) => [...asks])));
}

/** Actions that a simulation makes up must not fill the memory. */
const ACTIONS = 1_000;

/** What is about an action is found once: of hundreds of statements it is a few, whoever's request it is. */
function withIndex(statements: Policy['statements'], asks: Policy['asks']): Policy {
  const known = new Map<string, Policy['statements']>();
  const about = (action: string) => {
    const found = known.get(action);
    if (found) return found;
    const made = statements.filter(({ isAbout }) => isAbout(action));
    if (known.size >= ACTIONS) known.clear();
    known.set(action, made);
    return made;
  };
  return { statements, about, asks };
}

function compileStatement(
  statement: Statement,
  variables: boolean,
): Omit<CompiledStatement, 'policy' | 'name'> {
  const { action, resource } = statement;
  const isAbout = compileElement(action, actionMatcher);
  return {
    effect: statement.effect,
    principal: statement.principal,
    isAbout: (text) => isAbout(text, NO_CONTEXT),
    resource: resource && compileElement(resource, (value) => arnMatcher(value, variables)),
    conditions: statement.conditions.map((condition) => compileCondition(condition, variables)),
  };
}

function compileElement({ not, values }: Element<string>, compile: (value: string) => Matcher): Matcher {
  const matchers = values.map(compile);
  return (value, context) => matchers.some((matches) => matches(value, context)) !== not;
}

/** Actions have no variables. */
const NO_CONTEXT: Context = new Map();

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
