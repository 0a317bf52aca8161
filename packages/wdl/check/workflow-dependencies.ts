import { references } from '../syntax/references.ts';
import { type Dependent, reportCycles } from './cycles.ts';
import type { Report } from './report.ts';
import type { SectionScope } from './section-scope.ts';
import type { Placed } from './workflow-checker.ts';

/** Reports what in a workflow depends on itself: through values, and through the heads of enclosing sections. */
export function reportWorkflowCycles(placed: readonly Placed[], root: SectionScope, report: Report): void {
  const heads = new Map<SectionScope, DependencyNode>();
  const nodes = new Map<string, DependencyNode>();
  for (const { name, position } of placed) nodes.set(name, new DependencyNode(name, position));
  const enclosing = (scope: SectionScope | undefined) => (scope ? heads.get(scope) : undefined);
  const visit = (scope: SectionScope): void => {
    if (scope.head) heads.set(scope, new DependencyNode(scope.head.kind, scope.head.position));
    scope.children.forEach(visit);
  };
  visit(root);
  const named = (scope: SectionScope, name: string) => {
    const entry = scope.find(name);
    return entry ? nodes.get(entry.name) : variableHead(scope, name, heads);
  };
  for (const { name, scope, expressions, after } of placed) {
    const node = nodes.get(name)!;
    node.add(enclosing(scope));
    for (const expression of expressions) {
      for (const { identifier } of references(expression)) node.add(named(scope, identifier.name));
    }
    for (const other of after) node.add(named(scope, other));
  }
  for (const [scope, head] of heads) {
    head.add(enclosing(scope.parent));
    for (const { identifier } of references(scope.head!.expression))
      head.add(named(scope.parent!, identifier.name));
  }
  reportCycles([...nodes.values(), ...heads.values()], report);
}

function variableHead(
  scope: SectionScope,
  name: string,
  heads: ReadonlyMap<SectionScope, DependencyNode>,
): DependencyNode | undefined {
  for (let at: SectionScope | undefined = scope; at; at = at.parent) {
    if (at.head?.variable?.name === name) return heads.get(at);
  }
  return undefined;
}

class DependencyNode implements Dependent {
  readonly name: string;
  readonly position: Dependent['position'];
  readonly dependencies = new Set<DependencyNode>();

  constructor(name: string, position: Dependent['position']) {
    this.name = name;
    this.position = position;
  }

  add(dependency: DependencyNode | undefined): void {
    if (dependency) this.dependencies.add(dependency);
  }
}
