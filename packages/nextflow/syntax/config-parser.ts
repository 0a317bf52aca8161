import type { CallNode, Expression } from './expression-node.ts';
import { ClassParser } from './class-parser.ts';
import type { Source } from './source.ts';
import type { Block, LabelledStatement, Statement } from './statement-node.ts';

/** A configuration file, parsed: Groovy in which `name { ... }` opens a scope and `withName: 'x' { ... }` selects. */
export function parseConfig(source: Source): Block {
  return new ConfigParser(source).config();
}

class ConfigParser extends ClassParser {
  config(): Block {
    const statements: Statement[] = [];
    this.skipSeparators();
    while (this.token.kind !== 'end') {
      statements.push(this.statement());
      this.endOfStatement();
    }
    return { kind: 'block', statements, start: 0, end: this.source.text.length };
  }

  protected override takesClosure(left: Expression): boolean {
    return left.kind === 'literal' || super.takesClosure(left);
  }

  protected override statement(): Statement {
    const statement = super.statement();
    if (statement.kind === 'labelled') return this.#selector(statement);
    if (statement.kind !== 'expression' || statement.expression.kind !== 'call') return statement;
    return { ...statement, expression: named(statement.expression) };
  }

  /** `withName: 'x' { ... }` is a call of `withName` with the pattern and the block. */
  #selector(node: LabelledStatement): Statement {
    const { end, label, start, statement } = node;
    const call = statement.kind === 'expression' ? statement.expression : undefined;
    if (!['withName', 'withLabel'].includes(label) || call?.kind !== 'call') {
      throw this.fault(
        `Expected a setting or a block; "${label}:" selects nothing. Selectors are withName and withLabel.`,
        start,
        end,
      );
    }
    const pattern: Expression =
      call.callee.kind === 'name'
        ? { ...call.callee, kind: 'literal', value: call.callee.name }
        : call.callee;
    const callee: Expression = { kind: 'name', name: label, start, end };
    const positional = [pattern, ...call.arguments.positional];
    return {
      kind: 'expression',
      expression: { ...call, callee, arguments: { positional, named: [] } },
      start,
      end,
    };
  }
}

/** `'name' { ... }` opens the scope of that name. */
function named(call: CallNode): CallNode {
  const { callee } = call;
  if (callee.kind !== 'literal' || typeof callee.value !== 'string') return call;
  return { ...call, callee: { kind: 'name', name: callee.value, start: callee.start, end: callee.end } };
}
