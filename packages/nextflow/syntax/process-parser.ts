import { ClassParser } from './class-parser.ts';
import type { Expression, Parameter } from './expression-node.ts';
import type { BodyKind, ProcessNode, QualifierNode, TypedInput, TypedOutput } from './script-node.ts';
import type { Block, Statement } from './statement-node.ts';

const SECTIONS = new Set(['input', 'output', 'script', 'shell', 'exec', 'stub', 'when', 'stage', 'topic']);
const BODIES = new Set(['script', 'shell', 'exec', 'stub', 'when']);
const QUALIFIERS = new Set(['val', 'path', 'file', 'env', 'stdin', 'stdout', 'tuple', 'set', 'each', 'eval']);

type Sections = { [name: string]: Statement[] };

/** Processes, in the classic and in the typed syntax. */
export class ProcessParser extends ClassParser {
  protected process(): ProcessNode {
    const { start } = this.take();
    const name = this.take().text;
    this.skipLines();
    this.expectOperator('{');
    const inputs: (TypedInput | QualifierNode)[] = [];
    const outputs: (TypedOutput | QualifierNode)[] = [];
    const sections: Sections = { directives: [] };
    let section = 'directives';
    this.skipSeparators();
    while (!this.isOperator('}')) {
      if (this.token.kind === 'end') throw this.unexpected('"}"');
      if (this.#opensSection(section)) {
        section = this.take().text;
        this.take();
        sections[section] ??= [];
        this.skipSeparators();
        continue;
      }
      // Without `script:`, a text that follows the outputs is the script.
      if (this.token.kind === 'string' && section !== 'directives' && !BODIES.has(section))
        section = 'implicit';
      sections[section] ??= [];
      if (section === 'input') inputs.push(this.#input());
      else if (section === 'output') outputs.push(this.#output());
      else sections[section]!.push(this.statement());
      this.endOfStatement('}');
    }
    const end = this.take().end;
    const typed =
      inputs.some(({ kind }) => kind === 'typed-input') ||
      /^nextflow\.enable\.types\s*=\s*true/m.test(this.source.text);
    const made = typed ? outputs.map(asTyped) : outputs;
    return {
      kind: 'process',
      name,
      inputs,
      outputs: made,
      ...this.#bodies(sections, start, end),
      start,
      end,
    };
  }

  /** An input may have the name of its section; a section that is opened twice goes on. */
  #opensSection(current: string): boolean {
    const { token } = this;
    const after = this.peek(2);
    if (token.text === current && !QUALIFIERS.has(after.text)) return false;
    // `shell: String`: an input of that name.
    if (current === 'input' && after.kind === 'name' && /^\p{Lu}/u.test(after.text)) return false;
    return token.kind === 'name' && SECTIONS.has(token.text) && this.isOperator(':', this.peek());
  }

  /** Without `script:`, the last statement of the last section is the script. */
  #bodies(sections: Sections, start: number, end: number) {
    const block = (name: string): Block | undefined => {
      const statements = sections[name];
      if (!statements) return undefined;
      return {
        kind: 'block',
        statements,
        start: statements[0]?.start ?? start,
        end: statements.at(-1)?.end ?? end,
      };
    };
    const bodyKind = (['script', 'shell', 'exec'] as const).find((each) => sections[each]) ?? 'script';
    const body = block(bodyKind) ?? this.#implicitBody(sections);
    const [when, stub] = [block('when'), block('stub')];
    return {
      directives: sections['directives'] ?? [],
      stage: sections['stage'] ?? [],
      topics: sections['topic'] ?? [],
      bodyKind: bodyKind satisfies BodyKind,
      ...(body ? { body } : {}),
      ...(when ? { when } : {}),
      ...(stub ? { stub } : {}),
    };
  }

  #implicitBody(sections: Sections): Block | undefined {
    const directives = sections['directives']!;
    const statements =
      sections['implicit'] ??
      (directives.length > 0 && isText(directives.at(-1)!) ? [directives.pop()!] : []);
    const last = statements.at(-1);
    return last && { kind: 'block', statements, start: statements[0]!.start, end: last.end };
  }

  #input(): TypedInput | QualifierNode {
    const { token } = this;
    const { start } = token;
    if (token.kind === 'name' && this.isOperator(':', this.peek())) {
      return {
        kind: 'typed-input',
        shape: 'value',
        parameters: [this.nameAndType()],
        start,
        end: this.lastEnd,
      };
    }
    if (this.isOperator('(')) return this.#destructured(start);
    const shape = token.text === 'tuple' || token.text === 'record' ? token.text : undefined;
    const typed =
      this.isOperator('(', this.peek()) &&
      this.peek(2).kind === 'name' &&
      [':', ',', ')'].includes(this.peek(3).text);
    if (token.kind === 'name' && shape && typed) {
      this.take();
      this.take();
      const parameters = this.#namesAndTypes();
      return { kind: 'typed-input', shape, parameters, start, end: this.lastEnd };
    }
    const expression = this.commandExpression();
    // `name` alone: a typed input of any type.
    if (expression.kind === 'name' && !QUALIFIERS.has(expression.name)) {
      const parameters = [{ name: expression.name, start, end: expression.end }];
      return { kind: 'typed-input', shape: 'value', parameters, start, end: expression.end };
    }
    return { kind: 'qualifier', expression, start, end: this.lastEnd };
  }

  /** `(a, b): Tuple<A, B>`. */
  #destructured(start: number): TypedInput {
    this.take();
    const names = this.#namesAndTypes();
    const type = this.takeOperator(':') ? this.type() : undefined;
    const parameters = names.map((each, index): Parameter => {
      const element = type?.parameters[index];
      return element ? { ...each, type: element } : each;
    });
    return {
      kind: 'typed-input',
      shape: type?.name === 'Record' ? 'record' : 'tuple',
      parameters,
      start,
      end: this.lastEnd,
    };
  }

  #namesAndTypes(): Parameter[] {
    const names: Parameter[] = [];
    while (!this.isOperator(')')) {
      names.push(this.nameAndType());
      if (!this.takeOperator(',')) break;
    }
    this.expectOperator(')');
    return names;
  }

  #output(): TypedOutput | QualifierNode {
    const { token } = this;
    const { start } = token;
    if (token.kind === 'name' && !QUALIFIERS.has(token.text) && ['=', ':'].includes(this.peek().text)) {
      const { name, type } = this.nameAndType();
      const value = this.takeOperator('=')
        ? (this.skipLines(), this.expression())
        : ({ kind: 'name', name, start, end: start + name.length } as const);
      return { kind: 'typed-output', name, ...(type ? { type } : {}), value, start, end: this.lastEnd };
    }
    const expression = this.commandExpression();
    if (!beginsWithQualifier(expression))
      return { kind: 'typed-output', value: expression, start, end: this.lastEnd };
    return { kind: 'qualifier', expression, start, end: this.lastEnd };
  }
}

/** In a process with types, `file('x')` is a value and not a qualifier. */
function asTyped(output: TypedOutput | QualifierNode): TypedOutput | QualifierNode {
  if (output.kind === 'typed-output') return output;
  const { end, expression, start } = output;
  return { kind: 'typed-output', value: expression, start, end };
}

function isText(statement: Statement): boolean {
  if (statement.kind !== 'expression') return false;
  const { kind } = statement.expression;
  return (
    kind === 'interpolation' ||
    (kind === 'literal' && typeof (statement.expression as { value: unknown }).value === 'string')
  );
}

/** `path 'x'`, `tuple val(x), path('y')`, `stdout`, `path('x').flatten()` too. */
function beginsWithQualifier(expression: Expression): boolean {
  if (expression.kind === 'name') return QUALIFIERS.has(expression.name);
  if (expression.kind === 'call') return beginsWithQualifier(expression.callee);
  return false;
}
