import { suggestion } from '../diagnostics/suggestion.ts';
import type { CallNode } from '../syntax/document-node.ts';
import type { DocumentContext } from './document-context.ts';
import { expectType, type ExpressionContext } from './expression-checker.ts';
import type { Call, Callable } from './program.ts';
import { withOptional } from './type.ts';

/** Links a call to what it calls; undefined, with a diagnostic, where there is no such thing. */
export function resolveCall(node: CallNode, workflow: string, context: DocumentContext): Call | undefined {
  const callee = context.callable(node.target);
  const name = node.target.join('.');
  if (callee) {
    const { name: called, inputs, position } = node;
    return {
      kind: 'call',
      name: called,
      callee,
      inputs,
      after: node.after.map((after) => after.name),
      position,
    };
  }
  if (context.missing.has(node.target[0]!) && node.target.length > 1) return undefined;
  if (name === workflow) context.report.add('CallOfItself', node.position, { name });
  else {
    const near = suggestion(name, context.callableNames());
    context.report.add('UnknownCallee', node.position, { name, suggestion: near });
  }
  return undefined;
}

/** Checks what the call gives against what its callee takes. */
export function checkCall(
  call: Call,
  node: CallNode,
  allowMissing: boolean,
  context: ExpressionContext,
): void {
  const { callee } = call;
  const given = new Set<string>();
  const inputs = new Map(callee.inputs.map((input) => [input.name, input]));
  for (const { name, value, position } of node.inputs) {
    const input = inputs.get(name);
    if (given.has(name)) context.report.add('DuplicateCallInput', position, { name });
    given.add(name);
    if (!input) {
      const near = suggestion(name, inputs.keys());
      context.report.add('UnknownCallInput', position, { callee: describe(callee), name, suggestion: near });
      continue;
    }
    // What has a default may be given an undefined value, which means the default.
    expectType(value, withOptional(input.type, input.type.optional || input.value !== undefined), context);
  }
  if (allowMissing) return;
  for (const { name, type, value } of callee.inputs) {
    if (given.has(name) || value || type.optional) continue;
    context.report.add('MissingCallInput', node.position, { callee: describe(callee), name });
  }
}

function describe(callee: Callable): string {
  return `${callee.kind} ${callee.name}`;
}
