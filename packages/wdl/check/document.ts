import type { DeclarationNode } from '../syntax/document-node.ts';
import type { Position } from '../syntax/position.ts';
import type { CoercionRules } from './coercion.ts';
import type { ExpressionContext, NameScope } from './expression-checker.ts';
import type { LoadedDocument } from './loader.ts';
import type { Callable, Declaration, Home, Task, Workflow } from './program.ts';
import type { Report } from './report.ts';
import { resolveStructs } from './structs.ts';
import { checkTask } from './task-checker.ts';
import { resolveType } from './type-resolver.ts';
import { checkWorkflow } from './workflow-checker.ts';

/** A document whose tasks and workflow have been checked and linked. */
export interface CheckedDocument {
  readonly home: Home;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly workflow: Workflow | undefined;
}

/** What the checkers of one document's parts share. */
export interface DocumentContext {
  readonly home: Home;
  readonly report: Report;
  readonly rules: CoercionRules;
  /** The task or workflow that a call's target means. */
  callable(target: readonly string[]): Callable | undefined;
  callableNames(): Iterable<string>;
}

/** Checks documents, imports before importers, each once. */
export class DocumentChecker {
  readonly #report: Report;
  readonly #rules: CoercionRules;
  readonly #checked = new Map<LoadedDocument, CheckedDocument>();

  constructor(report: Report, rules: CoercionRules) {
    this.#report = report;
    this.#rules = rules;
  }

  check(document: LoadedDocument): CheckedDocument {
    const known = this.#checked.get(document);
    if (known) return known;
    const { node } = document;
    const imported = this.#imports(document);
    const structs = resolveStructs(document, (other) => this.check(other).home.structs, this.#report);
    const home: Home = { file: node.file, version: node.version, structs };
    const tasks = new Map<string, Task>();
    const used = new Set<string>();
    const context = this.#context(home, tasks, imported, used);
    for (const task of node.tasks) {
      noteDuplicate(task.name, task.position, tasks.get(task.name)?.position, this.#report);
      tasks.set(task.name, checkTask(task, context));
    }
    if (node.workflow && !this.#rules.lenient) {
      const { name, position } = node.workflow;
      noteDuplicate(name, position, tasks.get(name)?.position, this.#report);
    }
    const workflow = node.workflow && checkWorkflow(node.workflow, context);
    this.#unusedImports(document, used);
    const checked = { home, tasks, workflow };
    this.#checked.set(document, checked);
    return checked;
  }

  #imports(document: LoadedDocument): Map<string, CheckedDocument> {
    const imported = new Map<string, CheckedDocument>();
    for (const [entry, other] of document.imports) {
      if (imported.has(entry.namespace)) {
        this.#report.add('DuplicateNamespace', entry.position, { name: entry.namespace });
      }
      imported.set(entry.namespace, this.check(other));
    }
    return imported;
  }

  #context(
    home: Home,
    tasks: Map<string, Task>,
    imported: Map<string, CheckedDocument>,
    used: Set<string>,
  ): DocumentContext {
    const callable = ([first, second]: readonly string[]): Callable | undefined => {
      if (second === undefined) return tasks.get(first!);
      used.add(first!);
      const document = imported.get(first!);
      return document?.workflow?.name === second ? document.workflow : document?.tasks.get(second);
    };
    const callableNames = function* () {
      yield* tasks.keys();
      for (const [namespace, document] of imported) {
        for (const name of document.tasks.keys()) yield `${namespace}.${name}`;
        if (document.workflow) yield `${namespace}.${document.workflow.name}`;
      }
    };
    return { home, report: this.#report, rules: this.#rules, callable, callableNames };
  }

  /** An import that only brings structs is of use. */
  #unusedImports(document: LoadedDocument, used: ReadonlySet<string>): void {
    for (const [entry, other] of document.imports) {
      const bringsStructs = this.check(other).home.structs.size > 0;
      if (used.has(entry.namespace) || bringsStructs) continue;
      this.#report.add('UnusedImport', entry.position, { name: entry.namespace });
    }
  }
}

/** The declaration with its type resolved; its value is not checked yet. */
export function resolveDeclaration(node: DeclarationNode, context: DocumentContext): Declaration {
  const { home, report } = context;
  const types = { version: home.version, report, struct: (name: string) => home.structs.get(name) };
  return {
    kind: 'declaration',
    name: node.name,
    type: resolveType(node.type, types),
    value: node.value,
    position: node.position,
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
