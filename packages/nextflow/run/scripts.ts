import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { compileScript } from '../compile/script-compiler.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import type { Dsl } from '../evaluate/interpreter.ts';
import type { Machine } from '../evaluate/machine.ts';
import { parseScript } from '../syntax/script-parser.ts';
import { Source } from '../syntax/source.ts';
import type { Scope } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { Params } from '../values/params.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import { OutputDeclarations, type OutputDeclarationNode } from './output-declarations.ts';
import { ProcessComponent } from './process-component.ts';
import type { ProcessDefinition } from './process-definition.ts';
import { ScriptObject } from './script-object.ts';
import { type ScriptGlobals, ScriptScope } from './script-scope.ts';
import type { Session } from './session.ts';
import { checkDeclared, declareParameters, type TypedParameter } from './typed-parameters.ts';
import { WorkflowComponent, type WorkflowDefinition } from './workflow-component.ts';

/** The scripts of a run: the main one, what it includes, and what they declare. */
export class Scripts implements Dsl {
  /** The main script's workflow without a name. */
  entry: WorkflowComponent | undefined;
  outputs: OutputDeclarations | undefined;
  readonly #session: Session;
  readonly #globals: ScriptGlobals;
  readonly #scripts = new Map<string, ScriptScope>();
  readonly #sources = createHash('sha256');
  /** From the main script to the one that is being read. */
  readonly #loading: string[] = [];

  constructor(session: Session, globals: ScriptGlobals) {
    this.#session = session;
    this.#globals = globals;
  }

  get #isMain(): boolean {
    return this.#loading.length === 1;
  }

  /** Of all scripts and classes that the run has read. */
  get digest(): string {
    return this.#sources.copy().digest('hex');
  }

  /** The names in a file of `lib/`: classes see Nextflow's functions too. */
  libraryScope({ file, text: content }: Source): ScriptScope {
    this.#sources.update(content);
    return new ScriptScope(file, this.#session.params, this.#globals);
  }

  load(file: string, params: Params): ScriptScope {
    if (this.#loading.includes(file))
      throw fault(`The module ${file} includes itself: ${[...this.#loading, file].join(' -> ')}.`);
    const known = this.#scripts.get(file);
    if (known && known.params === params) return known;
    const source = new Source(file, this.#session.files.read(file).toString('utf8'));
    this.#sources.update(source.text);
    const script = new ScriptScope(file, params, this.#globals);
    this.#scripts.set(file, script);
    this.#session.interpreter.register(script, script, new ScriptObject(script));
    this.#loading.push(file);
    this.#session.interpreter.run(compileScript(source, parseScript(source)), script);
    this.#loading.pop();
    return script;
  }

  include(
    scope: Scope,
    names: readonly { name: string; alias: string }[],
    path: Value,
    given: readonly Value[],
    replaces: boolean,
  ): void {
    if (!(scope instanceof ScriptScope)) throw fault('An include belongs at the top of a script.');
    const written = text(path);
    if (written.startsWith('plugin/')) {
      for (const { alias, name } of names)
        scope.define(alias, this.#session.plugins.included(written.slice(7), name));
      return;
    }
    const file = this.#moduleFile(scope, written);
    const script = this.load(file, this.#moduleParams(scope.params, given[0], replaces));
    for (const { alias, name } of names) {
      const component = script.exported(name);
      if (component === undefined) {
        throw fault(
          `Cannot find a component with name '${name}' in module: ${file}.${suggestion(name, script.exportedNames())}`,
        );
      }
      scope.define(
        alias,
        component instanceof ProcessComponent || component instanceof WorkflowComponent
          ? component.named(alias)
          : component,
      );
    }
  }

  #moduleFile(scope: ScriptScope, written: string): string {
    if (!/^\.{0,2}\//.test(written)) {
      throw fault(
        `The module "${written}" is not a path. Begin it with ./, ../ or /: include { NAME } from './${written}'.`,
      );
    }
    const base = resolve(dirname(scope.file), written);
    const places = [base, `${base}.nf`, join(base, 'main.nf')];
    const found = places.find((place) => this.#session.files.stat(place)?.isFile);
    if (found) return found;
    throw fault(
      `Can't find a matching module file for include: ${written} (looked for ${places.join(', ')})`,
      'NoSuchFileException',
    );
  }

  /** `addParams` sets over what the including script has, `params` instead of it. */
  #moduleParams(outer: Params, given: Value, replaces: boolean): Params {
    if (!(given instanceof GroovyMap)) return outer;
    const params = new Params();
    if (!replaces) for (const [name, value] of outer.entries()) if (!given.has(name)) params.set(name, value);
    for (const [name, value] of given) params.set(name, value);
    params.lock();
    return params;
  }

  defineProcess(scope: Scope, definition: unknown, machine: Machine): void {
    const process = definition as ProcessDefinition;
    const component = new ProcessComponent(process.name, process, machine, scope, this.#session);
    component.check();
    this.#declare(scope, process.name, component, machine, process.place);
  }

  defineWorkflow(scope: Scope, definition: unknown, machine: Machine): void {
    const workflow = definition as WorkflowDefinition;
    const component = new WorkflowComponent(workflow.name ?? '', workflow, machine, scope, this.#session);
    if (workflow.name !== null) this.#declare(scope, workflow.name, component, machine, workflow.place);
    else if (this.#isMain) this.entry = component;
  }

  #declare(scope: Scope, name: string, component: Value, machine: Machine, place: number): void {
    const module = this.#session.interpreter.module(scope);
    if (module instanceof ScriptScope && module.components.has(name)) {
      throw machine.located(
        fault(
          `The name "${name}" is there already: a function, process or workflow with it is defined or included above.`,
        ),
        place,
      );
    }
    module.define(name, component);
  }

  /** Of the main script; that of a script which is included is for when it is run itself. */
  defineOutputs(_scope: Scope, declarations: unknown, machine: Machine): void {
    if (this.#isMain)
      this.outputs = new OutputDeclarations(declarations as readonly OutputDeclarationNode[], machine);
  }

  declareParams(scope: Scope, parameters: unknown, machine: Machine): void {
    const { params } = scope as ScriptScope;
    const declared = parameters as readonly TypedParameter[];
    if (this.#isMain) checkDeclared(params, declared);
    declareParameters(params, declared, machine);
  }
}
