import type { DeclarationNode } from '../syntax/document-node.ts';
import type { Position } from '../syntax/position.ts';
import type { CoercionRules } from './coercion.ts';
import type { ExpressionContext, NameScope } from './expression-checker.ts';
import type { Callable, Declaration, Home } from './program.ts';
import type { Report } from './report.ts';
import { resolveType } from './type-resolver.ts';

/** What the checkers of one document's parts share. */
export interface DocumentContext {
  readonly home: Home;
  readonly report: Report;
  readonly rules: CoercionRules;
  /** The task or workflow that a call's target means. */
  callable(target: readonly string[]): Callable | undefined;
  callableNames(): Iterable<string>;
  /** Namespaces whose documents could not be loaded. */
  readonly missing: ReadonlySet<string>;
}

/** The declaration with its type resolved; its value is not checked yet. */
export function resolveDeclaration(node: DeclarationNode, context: DocumentContext): Declaration {
  const { home, missing, report } = context;
  const types = {
    version: home.version,
    report,
    incomplete: missing.size > 0,
    struct: (name: string) => home.structs.get(name),
  };
  return {
    kind: 'declaration',
    name: node.name,
    type: resolveType(node.type, types),
    value: node.value,
    position: node.position,
    environment: node.environment,
  };
}

export function expressionContext(
  scope: NameScope,
  context: DocumentContext,
  report?: Report,
): ExpressionContext {
  const { home, rules } = context;
  return { scope, structs: home.structs, version: home.version, report: report ?? context.report, rules };
}

/** Reports a name that is declared twice. */
export function noteDuplicate(name: string, at: Position, first: Position | undefined, report: Report): void {
  if (first) report.add('DuplicateName', at, { name, where: `${first.file}:${first.line}` });
}
