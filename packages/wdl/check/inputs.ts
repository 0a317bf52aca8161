import { plainText } from '../syntax/document-node.ts';
import type { Expression } from '../syntax/expression-node.ts';
import type { Meta } from '../syntax/document-node.ts';
import type { Workflow } from './program.ts';
import { typeText } from './type.ts';

/** One input of the main workflow, as a parameter template describes it. */
export interface WorkflowInput {
  readonly name: string;
  /** As WDL writes it: `Array[File]+`. */
  readonly type: string;
  /** True where a run may leave it out: it has a default or is of an optional type. */
  readonly optional: boolean;
  /** The default where it is a literal. */
  readonly default?: unknown;
  /** From the workflow's parameter_meta. */
  readonly description?: string;
}

export function workflowInputs(workflow: Workflow): WorkflowInput[] {
  return workflow.inputs.map(({ name, type, value }) => {
    const literal = value && literalJson(value);
    const description = describe(workflow.parameterMeta, name);
    return {
      name,
      type: typeText(type),
      optional: type.optional || value !== undefined,
      ...(literal !== undefined && { default: literal }),
      ...(description !== undefined && { description }),
    };
  });
}

/** parameter_meta has a text, or an object in which authors call it by one of these names. */
function describe(meta: Meta, name: string): string | undefined {
  const entry = meta[name];
  if (typeof entry === 'string') return entry;
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return undefined;
  const found = ['description', 'help', 'label'].map((key) => (entry as Meta)[key]);
  return found.find((text): text is string => typeof text === 'string');
}

function literalJson(expression: Expression): unknown {
  switch (expression.kind) {
    case 'BooleanLiteral':
    case 'FloatLiteral':
      return expression.value;
    case 'IntLiteral':
      return Number(expression.value);
    case 'StringTemplate':
      return plainText(expression);
    case 'ArrayLiteral': {
      const items = expression.items.map(literalJson);
      return items.includes(undefined) ? undefined : items;
    }
    default:
      return undefined;
  }
}
