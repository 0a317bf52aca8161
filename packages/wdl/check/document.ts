import type { CoercionRules } from './coercion.ts';
import { type DocumentContext, noteDuplicate } from './document-context.ts';
import { type LoadedDocument, missingNamespaces } from './loader.ts';
import type { Callable, Home, Task, Workflow } from './program.ts';
import type { Report } from './report.ts';
import { resolveStructs } from './structs.ts';
import { checkTask } from './task-checker.ts';
import { checkWorkflow } from './workflow-checker.ts';

/** A document whose tasks and workflow have been checked and linked. */
export interface CheckedDocument {
  readonly home: Home;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly workflow: Workflow | undefined;
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
    const context = this.#context(home, tasks, imported, used, missingNamespaces(document));
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
    missing: ReadonlySet<string>,
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
    return { home, report: this.#report, rules: this.#rules, callable, callableNames, missing };
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
