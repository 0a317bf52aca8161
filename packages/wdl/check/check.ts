import type { DiagnosticCode } from '../diagnostics/catalogue.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { excerpt } from '../diagnostics/excerpt.ts';
import { DocumentChecker } from './document.ts';
import { type WorkflowInput, workflowInputs } from './inputs.ts';
import { lint } from './lint.ts';
import { type DefinitionReader, Loader } from './loader.ts';
import type { Task, Workflow } from './program.ts';
import { Report } from './report.ts';

/** Found on the way, and told only where somebody asks what a careful reader would ask. */
const LINT_ONLY: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>(['UnusedInput', 'StringCoercion']);

export interface CheckRequest {
  readonly files: DefinitionReader;
  /** Path of the main file inside the definition. */
  readonly main: string;
  /** Tolerates what Cromwell tolerates: `T?` where `T` is needed. */
  readonly lenient?: boolean;
}

export interface CheckResult {
  /** The main workflow's name; absent where the main file has none or cannot be parsed. */
  readonly workflow?: string;
  /** The main workflow's inputs, in the order of the source. */
  readonly inputs: readonly WorkflowInput[];
  /** Errors and warnings of the main file and all that it imports, each with an excerpt. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses and type-checks a definition. Never throws on what is wrong with it. */
export async function checkDefinition(request: LinkRequest): Promise<CheckResult> {
  const { workflow, diagnostics } = await linkDefinition(request);
  if (!workflow) return { inputs: [], diagnostics };
  return { workflow: workflow.name, inputs: workflowInputs(workflow), diagnostics };
}

export interface LinkRequest extends CheckRequest {
  /** A main file without a workflow is no fault: one of its tasks is wanted. */
  readonly tasksOnly?: boolean;
  /** Also what a careful reader would ask about. */
  readonly lint?: boolean;
}

export interface LinkResult {
  readonly workflow: Workflow | undefined;
  /** The main file's tasks by name. */
  readonly tasks: ReadonlyMap<string, Task>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The main workflow and tasks, ready to run where no diagnostic is an error. */
export async function linkDefinition(request: LinkRequest): Promise<LinkResult> {
  const { files, main, lenient = false, tasksOnly = false } = request;
  const report = new Report();
  const loader = new Loader(files, report);
  const document = await loader.main(main);
  const checked = document && new DocumentChecker(report, { lenient }).check(document);
  if (checked && !checked.workflow && !tasksOnly)
    report.add('NoWorkflow', document.node.position, { file: document.node.file });
  if (document && request.lint) lint(document, report);
  const wanted = report.diagnostics().filter(({ code }) => request.lint || !LINT_ONLY.has(code));
  const diagnostics = wanted.map((found) => withExcerpt(found, loader));
  return { workflow: checked?.workflow, tasks: checked?.tasks ?? new Map(), diagnostics };
}

function withExcerpt(found: Diagnostic, { texts }: Loader): Diagnostic {
  const text = texts.get(found.position.file);
  return text === undefined ? found : { ...found, excerpt: excerpt(text, found.position) };
}
