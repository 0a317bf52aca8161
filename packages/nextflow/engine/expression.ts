import { compileScript } from '../compile/script-compiler.ts';
import { Interpreter } from '../evaluate/interpreter.ts';
import { LocalFiles } from '../files/local-files.ts';
import { parseScript } from '../syntax/script-parser.ts';
import { Source } from '../syntax/source.ts';
import type { Scope } from '../values/closure.ts';
import { GroovyMap } from '../values/map.ts';
import { FilePath } from '../values/path.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';

type Names = Readonly<Record<string, Value>>;

/** Whether a Groovy condition holds of some names: the filter of `nextflow log`. */
export function conditionHolds(written: string, names: Names): boolean {
  const source = new Source('filter', written);
  const scope: Scope = {
    lookup: (name) => (Object.hasOwn(names, name) ? names[name] : undefined),
    assign: () => false,
    call: () => undefined,
    names: () => Object.keys(names),
  };
  return truth(plainInterpreter().run(compileScript(source, parseScript(source)), scope));
}

/** A text with `$name` in it. */
export function filledTemplate(written: string, names: Names): string {
  return plainInterpreter().template(written, GroovyMap.of(names));
}

function plainInterpreter(): Interpreter {
  const files = new LocalFiles({ readable: [], writable: [] });
  return new Interpreter({
    path: (location) => new FilePath(files, location),
    print: () => {},
    random: Math.random,
    now: Date.now,
  });
}
