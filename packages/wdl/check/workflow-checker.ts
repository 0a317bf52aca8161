import type { BodyNode, CallNode, DeclarationNode, WorkflowNode } from '../syntax/document-node.ts';
import type { Expression } from '../syntax/expression-node.ts';
import type { Position } from '../syntax/position.ts';
import { checkCall, resolveCall } from './call-checker.ts';
import { coerces } from './coercion.ts';
import {
  type DocumentContext,
  expressionContext,
  noteDuplicate,
  resolveDeclaration,
} from './document-context.ts';
import { inferType, type Resolution } from './expression-checker.ts';
import {
  type Call,
  type Conditional,
  type Declaration,
  nestedInputs,
  type PlanNode,
  type Scatter,
  type Section,
  type Workflow,
} from './program.ts';
import { Report } from './report.ts';
import { type SectionHead, SectionScope } from './section-scope.ts';
import { checkDeclaration } from './task-checker.ts';
import { BOOLEAN, holdsFiles, typeText } from './type.ts';
import { reportWorkflowCycles } from './workflow-dependencies.ts';

/** Something to check or to follow for dependencies, with the scope that it stands in. */
export interface Placed {
  readonly name: string;
  readonly position: Position;
  readonly scope: SectionScope;
  readonly expressions: readonly Expression[];
  readonly after: readonly string[];
}

/** Checks a workflow: first all names, since they may be used before they are declared, then all expressions. */
export function checkWorkflow(node: WorkflowNode, context: DocumentContext): Workflow {
  return new WorkflowChecker(node, context).check();
}

class WorkflowChecker {
  readonly #node: WorkflowNode;
  readonly #context: DocumentContext;
  readonly #root: SectionScope;
  readonly #first = new Map<string, Position>();
  readonly #checks: (() => void)[] = [];
  readonly #placed: Placed[] = [];

  constructor(node: WorkflowNode, context: DocumentContext) {
    this.#node = node;
    this.#context = context;
    this.#root = new SectionScope((head, parent) =>
      inferType(head.expression, expressionContext(parent, context, new Report())),
    );
  }

  check(): Workflow {
    const { name, position, meta, parameterMeta } = this.#node;
    const inputs = this.#node.inputs.map((input) => this.#declaration(input, this.#root));
    const body = this.#section(this.#node.body, this.#root);
    const beforeOutputs = this.#checks.length;
    const outputs = this.#node.outputs.map((output) => this.#declaration(output, this.#root));
    for (const check of this.#checks.slice(0, beforeOutputs)) check();
    for (const check of this.#checks.slice(beforeOutputs)) check();
    reportWorkflowCycles(this.#placed, this.#root, this.#context.report);
    this.#reportUnused(this.#node.outputs.length > 0);
    return {
      kind: 'workflow',
      name,
      home: this.#context.home,
      position,
      inputs,
      body,
      outputs,
      hints: this.#node.hints,
      meta,
      parameterMeta,
    };
  }

  #section(nodes: readonly BodyNode[], scope: SectionScope): Section {
    const planned: PlanNode[] = [];
    const own = new Map<string, Declaration | Call>();
    const inner = new Map<string, Scatter | Conditional>();
    for (const node of nodes) {
      const plan = this.#plan(node, scope);
      if (!plan) continue;
      planned.push(plan);
      if (plan.kind === 'declaration' || plan.kind === 'call') own.set(plan.name, plan);
      else for (const name of [...plan.body.own.keys(), ...plan.body.inner.keys()]) inner.set(name, plan);
    }
    return { nodes: planned, own, inner };
  }

  #plan(node: BodyNode, scope: SectionScope): PlanNode | undefined {
    switch (node.kind) {
      case 'Declaration':
        return this.#declaration(node, scope);
      case 'Call':
        return this.#call(node, scope);
      case 'Scatter': {
        const variable = { name: node.variable, position: node.variablePosition };
        const head = {
          kind: 'scatter',
          expression: node.collection,
          position: node.position,
          variable,
        } as const;
        const shown = scope.find(node.variable)?.position;
        noteDuplicate(node.variable, node.variablePosition, shown, this.#context.report);
        const body = this.#nested(node.body, scope, head);
        const { variable: name, collection, position } = node;
        return { kind: 'scatter', variable: name, collection, body, position };
      }
      case 'Conditional': {
        const { condition, position } = node;
        const body = this.#nested(node.body, scope, { kind: 'conditional', expression: condition, position });
        return { kind: 'conditional', condition, body, position };
      }
    }
  }

  #nested(nodes: readonly BodyNode[], parent: SectionScope, head: SectionHead): Section {
    const scope = new SectionScope(parent.infer, parent, head);
    this.#checks.push(() => this.#checkHead(head, parent));
    return this.#section(nodes, scope);
  }

  #checkHead(head: SectionHead, scope: SectionScope): void {
    const { report, rules } = this.#context;
    const type = inferType(head.expression, expressionContext(scope, this.#context));
    const found = typeText(type);
    const { position } = head.expression;
    if (head.kind === 'scatter') {
      const iterable = type.kind === 'Any' || (type.kind === 'Array' && (!type.optional || rules.lenient));
      if (!iterable) report.add('ScatterType', position, { found });
    } else if (!coerces(type, BOOLEAN, rules)) report.add('ConditionType', position, { found });
  }

  #declaration(node: DeclarationNode, scope: SectionScope): Declaration {
    const declaration = resolveDeclaration(node, this.#context);
    this.#declare(node.name, node.position, { kind: 'value', type: declaration.type }, scope);
    this.#checks.push(() => checkDeclaration(declaration, expressionContext(scope, this.#context)));
    const expressions = node.value ? [node.value] : [];
    this.#placed.push({ name: node.name, position: node.position, scope, expressions, after: [] });
    return declaration;
  }

  #call(node: CallNode, scope: SectionScope): Call | undefined {
    const call = resolveCall(node, this.#node.name, this.#context);
    const outputs = new Map(call?.callee.outputs.map(({ name, type }) => [name, type]));
    const output = (name: string) => (call ? outputs.get(name) : ({ kind: 'Any', optional: false } as const));
    this.#declare(
      node.name,
      node.position,
      { kind: 'call', output, outputs: () => [...outputs.keys()] },
      scope,
    );
    const context = expressionContext(scope, this.#context);
    this.#checks.push(() => {
      if (call) checkCall(call, node, nestedInputs(this.#node) === 'allowed', context);
      for (const { name, position } of node.after) {
        if (scope.resolve(name)?.kind !== 'call') context.report.add('UnknownAfter', position, { name });
      }
    });
    const expressions = node.inputs.map(({ value }) => value);
    const after = node.after.map(({ name }) => name);
    this.#placed.push({ name: node.name, position: node.position, scope, expressions, after });
    return call;
  }

  #declare(name: string, position: Position, resolution: Resolution, scope: SectionScope): void {
    noteDuplicate(name, position, this.#first.get(name) ?? shadowed(name, scope), this.#context.report);
    if (!this.#first.has(name)) this.#first.set(name, position);
    scope.own.set(name, { name, position, resolution, scope, used: false });
  }

  #reportUnused(hasOutputs: boolean): void {
    if (!hasOutputs) return;
    const outputs = new Set([...this.#node.outputs, ...this.#node.inputs].map(({ name }) => name));
    const visit = (scope: SectionScope): void => {
      for (const { name, position, resolution, used } of scope.own.values()) {
        if (used || outputs.has(name)) continue;
        if (resolution.kind === 'value') this.#context.report.add('UnusedDeclaration', position, { name });
        else if (resolution.outputs().length > 0)
          this.#context.report.add('UnusedCallOutputs', position, { name });
      }
      scope.children.forEach(visit);
    };
    visit(this.#root);
    for (const { name } of this.#node.inputs) {
      const { position, resolution, used } = this.#root.own.get(name)!;
      if (!used && resolution.kind === 'value' && !holdsFiles(resolution.type))
        this.#context.report.add('UnusedInput', position, { name });
    }
  }
}

/** Where an enclosing scatter's variable has this name. */
function shadowed(name: string, scope: SectionScope): Position | undefined {
  for (let at: SectionScope | undefined = scope; at; at = at.parent) {
    if (at.head?.variable?.name === name) return at.head.variable.position;
  }
  return undefined;
}
