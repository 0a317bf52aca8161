import { ScriptFault } from '../diagnostics/fault.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import { classNameOf } from './class-name.ts';
import { text } from './text.ts';
import type { Value } from './value.ts';

/** A fault of the running script; where it happened is added by who called. */
export function fault(message: string, className = 'RuntimeException'): ScriptFault {
  return new ScriptFault(message, undefined, { className });
}

export function illegalArgument(message: string): ScriptFault {
  return fault(message, 'IllegalArgumentException');
}

export function missingMethod(
  object: Value,
  name: string,
  args: readonly Value[],
  known: Iterable<string>,
): ScriptFault {
  const types = args.map((arg) => classNameOf(arg)).join(', ');
  return fault(
    `No method "${name}(${types})" for ${described(object)}.${suggestion(name, known)}`,
    'MissingMethodException',
  );
}

export function missingProperty(object: Value, name: string, known: Iterable<string> = []): ScriptFault {
  return fault(
    `No property "${name}" for ${described(object)}.${suggestion(name, known)}`,
    'MissingPropertyException',
  );
}

export function nullReference(what: string): ScriptFault {
  return fault(`Cannot ${what} of null. Use ?. where the value may be null.`, 'NullPointerException');
}

function described(object: Value): string {
  const shown = text(object);
  return `${classNameOf(object)} ${shown.length > 60 ? `${shown.slice(0, 57)}...` : shown}`.trim();
}

export function unknownVariable(name: string): ScriptFault {
  return fault(
    `Unknown variable "${name}": no setting and no parameter of that name is there.`,
    'MissingPropertyException',
  );
}
