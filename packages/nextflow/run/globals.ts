import { resolve } from 'node:path';
import { isUri } from '../files/files.ts';
import { Both } from './operator-call.ts';
import { ChannelFactories, findPaths } from '../dataflow/factories.ts';
import { GroupKey } from '../dataflow/operators/grouping.ts';
import { format } from '../evaluate/format.ts';
import { Duration } from '../values/duration.ts';
import { fault, illegalArgument } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { FilePath } from '../values/path.ts';
import { ScriptExit } from '../values/script-exit.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import { scriptLog } from './script-log.ts';
import type { ScriptGlobals, ScriptScope } from './script-scope.ts';
import type { Session } from './session.ts';

type Global = (args: readonly Value[], session: Session, script: ScriptScope) => Value;

/** Functions that every script has. */
const FUNCTIONS: Readonly<Record<string, Global>> = {
  println: (args, { log }) => {
    log.print(`${args.length === 0 ? '' : text(args[0])}\n`);
    return null;
  },
  print: ([value], { log }) => {
    log.print(text(value));
    return null;
  },
  printf: ([pattern, ...args], { log }) => {
    log.print(format(text(pattern), args));
    return null;
  },
  sprintf: ([pattern, ...args]) => format(text(pattern), args),
  file: (args, session) => {
    const found = fileArgument('file', args, session);
    return found.length === 1 ? found[0] : found;
  },
  files: (args, session) => fileArgument('files', args, session),
  path: (args, session) => fileArgument('path', args, session)[0],
  tuple: (args) => (args.length === 1 && Array.isArray(args[0]) ? args[0] : [...args]),
  record: ([map]) => map ?? new GroovyMap(),
  groupKey: ([key, size]) => new GroupKey(key, Number(size)),
  branchCriteria: ([closure]) => closure,
  multiMapCriteria: ([closure]) => closure,
  error: (args) => {
    throw fault(text(args[0] ?? 'error'), 'ScriptRuntimeException');
  },
  exit: (args) => {
    const [first, second] = args;
    if (typeof first === 'number') throw new ScriptExit(first, second === undefined ? '' : text(second));
    throw new ScriptExit(typeof second === 'number' ? second : 0, text(first));
  },
  env: ([name], { interpreter }) => interpreter.environment().get(text(name)) ?? null,
  sleep: ([millis]) => {
    const wait = millis instanceof Duration ? millis.millis : Number(millis);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(wait, 600_000));
    return null;
  },
  sendMail: () => {
    throw fault('sendMail is not supported: a run here sends no mail.', 'UnsupportedOperationException');
  },
  evaluate: () => {
    throw fault(
      'evaluate is not supported: put the code into the script or into lib/.',
      'UnsupportedOperationException',
    );
  },
  addParams: () => {
    throw fault('addParams belongs to an include.');
  },
};

function fileArgument(name: string, args: readonly Value[], session: Session): FilePath[] {
  const options = args[0] instanceof GroovyMap ? args[0] : new GroovyMap();
  const given = args.filter((arg) => !(arg instanceof GroovyMap))[0] ?? null;
  if (given === null) throw illegalArgument(`Argument of \`${name}\` function cannot be null`);
  if (Array.isArray(given)) return given.flatMap((one) => fileArgument(name, [options, one], session));
  if (!truth(given) && !(given instanceof FilePath))
    throw illegalArgument(`Argument of \`${name}\` function cannot be empty`);
  return findPaths(given, options, { path: (location) => session.interpreter.path(location) }, false);
}

export class SessionGlobals implements ScriptGlobals {
  readonly #session: Session;
  readonly #values: Map<string, Value>;

  constructor(session: Session) {
    this.#session = session;
    const channel = new ChannelFactories({
      network: session.network,
      path: (location) => session.interpreter.path(location),
      topic: (name) => session.topic(name),
      plugin: (name, args) => session.plugins.factory(name, args),
    });
    this.#values = new Map<string, Value>([
      ['channel', channel],
      ['Channel', channel],
      ['log', scriptLog(session.log)],
      ['workflow', session.workflow],
      ['nextflow', session.nextflow],
      ['baseDir', session.interpreter.path(session.projectDir)],
      ['projectDir', session.interpreter.path(session.projectDir)],
      ['launchDir', session.interpreter.path(session.launchDir)],
      ['workDir', session.interpreter.path(session.workDir)],
      ['secrets', session.secrets],
      ['args', session.args],
    ]);
  }

  lookup(name: string, script: ScriptScope): Value | undefined {
    if (name === 'moduleDir')
      return this.#session.interpreter.path(script.file.slice(0, script.file.lastIndexOf('/')));
    if (name === 'stdin') return this.#session.standardInput();
    return (
      this.#values.get(name) ??
      this.#session.plugins.lookup(name) ??
      this.#session.interpreter.environment().get(name)
    );
  }

  call(name: string, args: readonly Value[], script: ScriptScope): Value | undefined {
    if (Object.hasOwn(FUNCTIONS, name)) return FUNCTIONS[name]!(args, this.#session, script);
    if (name === 'and')
      return new Both(args, (callee, given) => this.#session.interpreter.callValue(callee, given));
    return this.#session.plugins.call(name, args, script);
  }

  names(): Iterable<string> {
    return [...this.#values.keys(), ...Object.keys(FUNCTIONS), 'params', 'moduleDir'];
  }
}

/** A path as scripts mean it: relative ones from where the run was launched. */
export function absolutePath(location: string, launchDir: string): string {
  return isUri(location) ? location : resolve(launchDir, location);
}
