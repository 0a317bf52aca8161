import { join } from 'node:path';
import { compileBlock } from '../compile/script-compiler.ts';
import type { ProcessComponent } from '../run/process-component.ts';
import { Source } from '../syntax/source.ts';
import { parseTemplate } from '../syntax/template-parser.ts';
import { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import type { TaskScope } from './task-scope.ts';

/** `template 'name.sh'`: the text of a file beside the script or of the project, its variables filled in. */
export function templateFunction(component: ProcessComponent, scope: TaskScope): Closure {
  return new Closure((_self, path) => template(component, path, scope), scope, {
    arity: 1,
    start: 0,
    end: 0,
  });
}

/** The text of a `shell:` body, whose variables are `!{name}`. */
export function shellText(component: ProcessComponent, script: string, scope: TaskScope): string {
  return text(rendered(component, new Source(component.machine.source.file, script), '!', scope));
}

function template(component: ProcessComponent, path: Value, scope: TaskScope): Value {
  const { definition, moduleDir, session } = component;
  const written = text(path);
  const places =
    path instanceof FilePath || written.startsWith('/')
      ? [written]
      : [join(moduleDir, 'templates', written), join(session.projectDir, 'templates', written)];
  const found = places.find((place) => session.files.stat(place)?.isFile);
  if (found === undefined)
    throw fault(
      `There is no template "${written}" (looked for ${places.join(' and ')}).`,
      'NoSuchFileException',
    );
  const source = new Source(found, session.files.read(found).toString('utf8'));
  return rendered(component, source, definition.bodyKind === 'shell' ? '!' : '$', scope);
}

function rendered({ session }: ProcessComponent, source: Source, marker: '$' | '!', scope: TaskScope): Value {
  const expression = parseTemplate(source, marker);
  const { end, start } = expression;
  const statement = { kind: 'expression', expression, start, end } as const;
  return session.interpreter.run(
    compileBlock(source, { kind: 'block', statements: [statement], start, end }),
    scope,
  );
}
