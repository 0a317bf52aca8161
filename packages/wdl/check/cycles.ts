import type { Position } from '../syntax/position.ts';
import type { Report } from './report.ts';

/** One thing that may depend on others. */
export interface Dependent {
  readonly name: string;
  readonly position: Position;
  readonly dependencies: Iterable<Dependent>;
}

/** Reports each cycle once, at the first of its members that is met. */
export function reportCycles(nodes: Iterable<Dependent>, report: Report): void {
  const done = new Set<Dependent>();
  const path: Dependent[] = [];
  const open = new Set<Dependent>();
  const visit = (node: Dependent): void => {
    if (done.has(node)) return;
    if (open.has(node)) {
      const names = path.slice(path.indexOf(node)).map((member) => member.name);
      report.add('Cycle', node.position, { name: node.name, path: [...names, node.name].join(' -> ') });
      return;
    }
    open.add(node);
    path.push(node);
    for (const dependency of node.dependencies) visit(dependency);
    path.pop();
    open.delete(node);
    done.add(node);
  };
  for (const node of nodes) visit(node);
}
