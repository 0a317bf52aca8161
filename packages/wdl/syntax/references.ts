import type { Expression, Identifier, TemplatePart } from './expression-node.ts';

/** A name that an expression needs, with the member behind it where there is one (`align.bam`). */
export interface Reference {
  readonly identifier: Identifier;
  readonly member: string | undefined;
}

/** Every name that the expression refers to. */
export function* references(expression: Expression): Iterable<Reference> {
  if (expression.kind === 'Identifier') yield { identifier: expression, member: undefined };
  else if (expression.kind === 'Member' && expression.object.kind === 'Identifier') {
    yield { identifier: expression.object, member: expression.name };
  } else for (const child of children(expression)) yield* references(child);
}

/** Every name that the placeholders among the parts refer to. */
export function* templateReferences(parts: readonly TemplatePart[]): Iterable<Reference> {
  for (const part of parts) if (typeof part !== 'string') yield* references(part.expression);
}

/** The expressions directly inside this one. */
export function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'StringTemplate':
      return expression.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.expression]));
    case 'ArrayLiteral':
      return expression.items;
    case 'MapLiteral':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'ObjectLiteral':
      return expression.members.map((member) => member.value);
    case 'PairLiteral':
      return [expression.left, expression.right];
    case 'IfThenElse':
      return [expression.condition, expression.then, expression.else];
    case 'Unary':
      return [expression.operand];
    case 'Binary':
      return [expression.left, expression.right];
    case 'Apply':
      return expression.arguments;
    case 'Member':
      return [expression.object];
    case 'Index':
      return [expression.object, expression.index];
    default:
      return [];
  }
}
