import type { Task } from '../check/program.ts';
import type { Expression } from '../syntax/expression-node.ts';
import { plainText } from '../syntax/document-node.ts';
import type { TaskPlaces } from './places.ts';

/**
 * Outputs may be absolute paths of the task's own view ("Relative and absolute", specification 1.1): of its image, which
 * nobody can read once it has ended. So the task itself keeps them in its work directory.
 */
export function commandLine(task: Task, places: TaskPlaces): readonly string[] {
  const paths = outsidePaths(task, places);
  if (paths.length === 0) return ['/bin/bash', places.command];
  return ['/bin/bash', '-c', KEEPING, 'bash', places.command, places.outside, ...paths];
}

const KEEPING = `command=$1 outside=$2; shift 2
/bin/bash "$command"; code=$?
for path in "$@"; do
  if [ -e "$path" ]; then mkdir -p "$outside\${path%/*}" && cp -rL "$path" "$outside$path"; fi
done
exit $code`;

/** Absolute paths that are written out among the outputs. What an expression makes up is not known beforehand. */
export function outsidePaths(task: Task, places: TaskPlaces): string[] {
  const literals = task.outputs.flatMap(({ value, type }) => {
    const hasPaths = ['File', 'Directory'].includes(type.kind === 'Array' ? type.item.kind : type.kind);
    return value && hasPaths ? literalTexts(value) : [];
  });
  return literals.filter((path) => path.startsWith('/') && !places.holds(path));
}

function literalTexts(expression: Expression): string[] {
  if (expression.kind === 'ArrayLiteral') return expression.items.flatMap(literalTexts);
  const text = expression.kind === 'StringTemplate' ? plainText(expression) : undefined;
  return text === undefined ? [] : [text];
}
