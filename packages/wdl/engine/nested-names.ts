import { type Call, type Callable, nestedInputs, type Section } from '../check/program.ts';
import { suggestion } from '../diagnostics/suggestion.ts';

/** What a parameter with dots in its name means for a run. */
export type NestedName =
  | { readonly kind: 'taken' }
  /** The author forbids it explicitly, which is no fault of the run (specification 1.2, "allow_nested_inputs"). */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly why: string };

const SECTIONS: readonly string[] = ['runtime', 'requirements', 'hints'];

/** `call.input` through any number of workflows, and `call.runtime.attribute`; for a task alone `runtime.attribute`. */
export function nestedName(target: Callable, name: string, lenient = false): NestedName {
  const parts = name.split('.');
  const refused = (why: string): NestedName => ({ kind: 'refused', why });
  let at: Callable = target;
  let call: Call | undefined;
  while (parts.length > 1) {
    if (at.kind === 'task') break;
    const [first] = parts.splice(0, 1);
    call = findCall(at.body, first!);
    if (!call) return refused(`The workflow has no input ${name}: ${at.name} has no call ${first}.`);
    at = call.callee;
  }
  if (at.kind === 'task' && parts.length === 2 && SECTIONS.includes(parts[0]!)) return { kind: 'taken' };
  const input = at.inputs.find((candidate) => candidate.name === parts[0]);
  if (parts.length > 1 || !input) {
    const near = suggestion(
      parts.at(-1)!,
      at.inputs.map((candidate) => candidate.name),
    );
    return refused(
      `The workflow has no input ${name}: ${at.kind} ${at.name} has no ${parts.join('.')}.${near}`,
    );
  }
  return permission(target, name, call, lenient);
}

function permission(target: Callable, name: string, call: Call | undefined, lenient: boolean): NestedName {
  if (target.kind === 'task') return { kind: 'refused', why: `The task has no input ${name}.` };
  const said = nestedInputs(target);
  if (said === 'ignored') return { kind: 'ignored' };
  if (said === 'refused' && !lenient) {
    const remedy = 'Its workflow does not allow nested inputs: declare it as an input of the workflow.';
    return { kind: 'refused', why: `The workflow has no input ${name}. ${remedy}` };
  }
  const given = call?.inputs.some((input) => input.name === name.split('.').at(-1));
  if (given) return { kind: 'refused', why: `${name} cannot be given: the call gives it itself.` };
  return { kind: 'taken' };
}

function findCall(section: Section, name: string): Call | undefined {
  for (const node of section.nodes) {
    if (node.kind === 'call' && node.name === name) return node;
    const found =
      node.kind === 'scatter' || node.kind === 'conditional' ? findCall(node.body, name) : undefined;
    if (found) return found;
  }
  return undefined;
}
