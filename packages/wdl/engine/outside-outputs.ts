import type { Task } from '../check/program.ts';
import type { Expression } from '../syntax/expression-node.ts';
import { plainText } from '../syntax/document-node.ts';
import { COMMAND, isTaskPath, OUTSIDE } from './places.ts';

/**
 * Outputs may be absolute paths of the task's own view ("Relative and absolute", specification 1.1): of its image, which
 * nobody can read once it has ended. So the task itself keeps them in its work directory.
 */
export function commandLine(task: Task): readonly string[] {
  const paths = outsidePaths(task);
  if (paths.length === 0) return ['/bin/bash', COMMAND];
  return ['/bin/bash', '-c', KEEPING, 'bash', ...paths];
}

const KEEPING = `/bin/bash ${COMMAND}; code=$?
for path in "$@"; do
  if [ -e "$path" ]; then mkdir -p "${OUTSIDE}\${path%/*}" && cp -rL "$path" "${OUTSIDE}$path"; fi
done
exit $code`;

/** Absolute paths that are written out among the outputs. What an expression makes up is not known beforehand. */
export function outsidePaths(task: Task): string[] {
  const literals = task.outputs.flatMap(({ value, type }) => {
    const hasPaths = ['File', 'Directory'].includes(type.kind === 'Array' ? type.item.kind : type.kind);
    return value && hasPaths ? literalTexts(value) : [];
  });
  return literals.filter((path) => path.startsWith('/') && !isTaskPath(path));
}

function literalTexts(expression: Expression): string[] {
  if (expression.kind === 'ArrayLiteral') return expression.items.flatMap(literalTexts);
  const text = expression.kind === 'StringTemplate' ? plainText(expression) : undefined;
  return text === undefined ? [] : [text];
}
