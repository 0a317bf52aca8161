import { Channel } from '../dataflow/channel.ts';
import { ScriptFault } from '../diagnostics/fault.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import { Closure, type ClosureBody, type ClosureFacts, type Scope } from '../values/closure.ts';
import { classNameOf } from '../values/class-name.ts';
import { fault, missingMethod, missingProperty, nullReference, unknownVariable } from '../values/errors.ts';
import { caught, Exception, exceptionIsA, isException } from '../values/exception.ts';
import { GroovyMap, GroovySet } from '../values/map.ts';
import { isNumber } from '../values/number.ts';
import { Range } from '../values/range.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { ClassReference } from './classes/class-reference.ts';
import { EnumConstant } from './enum-constant.ts';
import { Instance, type Method, UserClass } from './instance.ts';
import { items } from './items.ts';
import { methodNames, methodOf } from './methods/method-table.ts';
import { unitOf } from './methods/numbers.ts';
import { OperatorMachine } from './operator-machine.ts';

interface ClassDefinition {
  readonly name: string;
  readonly parent: string | null;
  readonly fields: readonly string[];
  initialize(scope: Scope): readonly (readonly [string, Value])[];
  statics(scope: Scope): readonly (readonly [string, Value])[];
  readonly methods: readonly Method[];
}

/**
 * What compiled code calls: Groovy's meaning of operators, properties and calls. One for each source, so that faults
 * say where. `at` is a place in that source: start and length in one number.
 */
export class Machine extends OperatorMachine {
  fn(owner: Scope, facts: ClosureFacts, body: ClosureBody): Closure {
    return new Closure(body, owner, facts);
  }

  method(scope: Scope, method: Method): Closure {
    const facts = { arity: method.arity, start: 0, end: 0 };
    return new Closure((_self, ...args) => method.body(scope, ...args), scope, facts);
  }

  self(scope: Scope): Value {
    let at = scope;
    while (at instanceof Closure) at = at.owner;
    return at instanceof GroovyObject ? at : this.interpreter.scriptObject(at);
  }

  // Names

  name(scope: Scope, name: string, at: number): Value {
    const found = scope.lookup(name);
    if (found !== undefined) return found;
    if (name === 'delegate' || name === 'owner') return this.#closureName(scope, name);
    const known = this.interpreter.className(name);
    if (known !== undefined) return known;
    throw this.located(
      fault(`\`${name}\` is not defined.${this.#suggestion(name, scope)}`, 'MissingPropertyException'),
      at,
    );
  }

  #closureName(scope: Scope, name: string): Value {
    if (!(scope instanceof Closure)) return null;
    return name === 'delegate'
      ? scope.delegateValue
      : scope.owner instanceof GroovyObject
        ? scope.owner
        : this.self(scope);
  }

  /** A name of the scope; otherwise a word of the source, which may be a local variable. */
  #suggestion(name: string, scope: Scope): string {
    const words = new Set(this.source.text.match(/[A-Za-z_]\w*/g));
    words.delete(name);
    return suggestion(name, scope.names()) || suggestion(name, words);
  }

  assign(scope: Scope, name: string, value: Value, at: number): Value {
    try {
      if (!scope.assign(name, value)) throw fault(`Nothing can be assigned to "${name}" here.`);
    } catch (error) {
      throw this.located(error, at);
    }
    return value;
  }

  classNamed(path: string, at: number): Value {
    const found = this.interpreter.className(path.slice(path.lastIndexOf('.') + 1));
    if (found !== undefined) return found;
    throw this.located(fault(`The class ${path} is not supported.`, 'ClassNotFoundException'), at);
  }

  // Properties

  get(object: Value, name: string, at: number): Value {
    try {
      const found = this.property(object, name);
      if (found !== undefined) return found;
      throw missingProperty(object, name, object instanceof GroovyObject ? object.members() : []);
    } catch (error) {
      throw this.located(error, at);
    }
  }

  getSafe(object: Value, name: string, at: number): Value {
    return object === null ? null : this.get(object, name, at);
  }

  getEach(object: Value, name: string, at: number): Value {
    if (object === null) return null;
    if (object instanceof GroovyObject && object.className === 'Namespace') return this.get(object, name, at);
    return items(object).map((item) => this.getSafe(item, name, at));
  }

  getField(object: Value, name: string, at: number): Value {
    return object instanceof Instance ? (object.fields.get(name) ?? null) : this.get(object, name, at);
  }

  protected override property(object: Value, name: string): Value | undefined {
    if (object === null) throw nullReference(`read the property "${name}"`);
    if (object instanceof GroovyMap) {
      if (name === 'class' && !object.has(name)) return this.interpreter.classOf(object);
      return object.get(name) ?? null;
    }
    if (object instanceof GroovyObject) {
      const own = object.property(name);
      if (own !== undefined) return own;
    }
    if (name === 'class') return this.interpreter.classOf(object);
    if (object instanceof Uint8Array && name === 'length') return object.length;
    if (isNumber(object)) {
      const amount = unitOf(object, name);
      if (amount !== undefined) return amount;
    }
    const getter =
      methodOf(object, `get${name[0]?.toUpperCase()}${name.slice(1)}`) ?? PROPERTIES.get(name)?.(object);
    if (getter) return getter(object, [], this.interpreter);
    if (object instanceof GroovyObject)
      return object.invoke(`get${name[0]?.toUpperCase()}${name.slice(1)}`, []);
    if (Array.isArray(object) || object instanceof GroovySet || object instanceof Range) {
      if (object instanceof Range && (name === 'from' || name === 'to')) return object[name];
      // Java's arrays are lists here.
      if (name === 'length' && !items(object).some((item) => item instanceof GroovyObject))
        return items(object).length;
      return items(object).map((item) =>
        item === null ? null : (this.property(item, name) ?? missing(item, name)),
      );
    }
    return undefined;
  }

  set(object: Value, name: string, value: Value, at: number, safe = false, field = false): Value {
    try {
      if (object === null) {
        if (safe) return null;
        throw nullReference(`set the property "${name}"`);
      }
      if (value instanceof GroovyMap && value.unset !== undefined) throw unknownVariable(value.unset);
      if (object instanceof GroovyMap) object.set(name, value);
      else if (field && object instanceof Instance) object.fields.set(name, value);
      else if (object instanceof GroovyObject && object.setProperty(name, value)) return value;
      else if (Array.isArray(object)) for (const item of object as Value[]) this.set(item, name, value, at);
      else if (object instanceof Closure && name === 'delegate')
        methodOf(object, 'setDelegate')!(object, [value], this.interpreter);
      else if (object instanceof Closure && name === 'resolveStrategy')
        methodOf(object, 'setResolveStrategy')!(object, [value], this.interpreter);
      else throw missingProperty(object, name, object instanceof GroovyObject ? object.members() : []);
      return value;
    } catch (error) {
      throw this.located(error, at);
    }
  }

  // Calls

  override call(object: Value, name: string, args: readonly Value[], at: number): Value {
    try {
      const result = this.interpreter.call(object, name, args);
      if (result instanceof Channel) result.origin ??= (error) => this.located(error, at);
      return result;
    } catch (error) {
      throw this.located(error, at);
    }
  }

  callSafe(object: Value, name: string, args: readonly Value[], at: number): Value {
    return object === null ? null : this.call(object, name, args, at);
  }

  callEach(object: Value, name: string, args: readonly Value[], at: number): Value {
    if (object === null) return null;
    return items(object).map((item) => this.callSafe(item, name, args, at));
  }

  callName(scope: Scope, name: string, args: readonly Value[], at: number): Value {
    try {
      const result = scope.call(name, args);
      if (result !== undefined) return result;
      const value = scope.lookup(name);
      if (value !== undefined && value !== null) return this.interpreter.callValue(value, args);
      const shown = args.map((arg) => classNameOf(arg)).join(', ');
      const hint = this.#suggestion(name, scope);
      if (/^\p{Lu}[\p{Lu}\d_]*$/u.test(name) && hint === '')
        throw fault(
          `There is no process, workflow or function "${name}" here. Include it: include { ${name} } from './...'`,
          'MissingMethodException',
        );
      throw fault(`\`${name}\` is not defined as a function of (${shown}).${hint}`, 'MissingMethodException');
    } catch (error) {
      throw this.located(error, at);
    }
  }

  callValue(value: Value, args: readonly Value[], at: number): Value {
    try {
      return this.interpreter.callValue(value, args);
    } catch (error) {
      throw this.located(error, at);
    }
  }

  callSuper(scope: Scope, name: string, args: readonly Value[], at: number): Value {
    const self = this.self(scope);
    const parent = self instanceof Instance ? self.type.parent : undefined;
    const method = parent instanceof UserClass ? parent.find(name, args) : undefined;
    if (method) return method.body(self as Instance, ...args);
    const builtIn = methodOf(self, name);
    if (builtIn) return builtIn(self, args, this.interpreter);
    throw this.located(missingMethod(self, name, args, []), at);
  }

  superConstructor(scope: Scope, args: readonly Value[], at: number): Value {
    const self = this.self(scope);
    if (!(self instanceof Instance)) throw this.located(fault('super() is for constructors.'), at);
    const { parent } = self.type;
    const made = parent instanceof UserClass ? parent.find('<init>', args) : undefined;
    if (made) made.body(self, ...args);
    else self.fill(args);
    return null;
  }

  pointer(object: Value, name: string, at: number): Closure {
    const facts = { arity: -1, start: 0, end: 0 };
    return new Closure((_self, ...args) => this.call(object, name, args, at), this.interpreter.root, facts);
  }

  create(scope: Scope, name: string, args: readonly Value[], at: number, array: boolean): Value {
    try {
      if (array)
        return Array.from({ length: Number(args[0] ?? 0) }, () =>
          ['int', 'long'].includes(name) ? 0 : null,
        );
      return this.#create(scope, name.slice(name.lastIndexOf('.') + 1), args);
    } catch (error) {
      throw this.located(error, at);
    }
  }

  #create(scope: Scope, name: string, args: readonly Value[]): Value {
    const own = scope.lookup(name) ?? this.interpreter.className(name);
    if (own instanceof UserClass) return own.create(args);
    if (isException(name)) {
      const [message, cause] =
        args[0] instanceof Exception ? [args[0].message, args[0]] : [args[0] ?? null, args[1] ?? null];
      return new Exception(name, message, cause);
    }
    if (own instanceof ClassReference && own.host.create) return own.host.create(args, this.interpreter);
    throw fault(`The class ${name} is not supported: no object of it can be made.`, 'ClassNotFoundException');
  }

  // Types

  as(
    scope: Scope,
    value: Value,
    type: { readonly name: string; readonly array: boolean },
    at: number,
  ): Value {
    return this.guarded(() => this.interpreter.coerceTo(value, type, scope), at);
  }

  is(scope: Scope, value: Value, name: string): boolean {
    return this.interpreter.isInstance(value, name) || (scope.lookup(name) === undefined && false);
  }

  // Exceptions

  thrown(value: Value, at: number): unknown {
    const className = classNameOf(value);
    const message = value instanceof GroovyObject ? (value.property('message') ?? text(value)) : text(value);
    return this.located(new ScriptFault(text(message), undefined, { className, thrown: value }), at);
  }

  catches(_scope: Scope, { className, value }: ReturnType<typeof caught>, types: readonly string[]): boolean {
    if (types.length === 0) return exceptionIsA(className, 'Exception') || value instanceof Instance;
    return types.some((type) =>
      value instanceof Instance
        ? value.isA(type.slice(type.lastIndexOf('.') + 1))
        : exceptionIsA(className, type),
    );
  }

  assert(value: Value, message: () => Value, written: string, at: number): void {
    if (truth(value)) return;
    const told = message();
    const shown = told === null ? `assert ${written}` : `${text(told)}. Expression: (${written})`;
    throw this.located(fault(shown, told === null ? 'PowerAssertionError' : 'AssertionError'), at);
  }

  // Declarations

  defineFunction(scope: Scope, method: Method): void {
    this.interpreter.module(scope).addFunction(method);
  }

  defineClass(scope: Scope, { fields, initialize, methods, name, parent, statics }: ClassDefinition): void {
    const found = parent === null ? undefined : scope.lookup(parent);
    const type = new UserClass(name, found instanceof UserClass ? found : (parent ?? undefined), scope);
    type.fieldNames.push(...fields);
    type.initialize = (instance) => {
      for (const [field, value] of initialize(instance)) instance.fields.set(field, value);
    };
    for (const method of methods) type.addMethod(method);
    this.interpreter.module(scope).define(name, type);
    for (const [field, value] of statics(type)) type.statics.set(field, value);
  }

  defineRecord(scope: Scope, name: string, fields: readonly string[]): void {
    const type = new UserClass(name, undefined, scope, true);
    type.fieldNames.push(...fields);
    this.interpreter.module(scope).define(name, type);
  }

  defineEnum(scope: Scope, name: string, constants: readonly string[]): void {
    const type = new UserClass(name, undefined, scope);
    const all = constants.map((constant, index) => new EnumConstant(name, constant, index));
    for (const constant of all) type.statics.set(constant.name, constant);
    type.addMethod({ name: 'values', arity: 0, required: 0, isStatic: true, body: () => all });
    type.addMethod({
      name: 'valueOf',
      arity: 1,
      required: 1,
      isStatic: true,
      body: (_scope, wanted) => all.find((one) => one.name === text(wanted)) ?? missing(type, text(wanted)),
    });
    this.interpreter.module(scope).define(name, type);
  }

  importClass(scope: Scope, path: string, alias: string, isStatic: boolean, at: number): void {
    if (alias === '*' || isStatic || path === alias) return;
    const name = path.slice(path.lastIndexOf('.') + 1);
    const found = this.interpreter.className(name);
    if (found !== undefined && alias !== name) this.interpreter.module(scope).define(alias, found);
    void at;
  }

  // Of scripts alone

  include(
    scope: Scope,
    names: readonly { name: string; alias: string }[],
    path: Value,
    params: readonly Value[],
    replaces: boolean,
    at: number,
  ): void {
    this.guarded(() => this.interpreter.dsl.include(scope, names, path, params, replaces), at);
  }

  defineProcess(scope: Scope, definition: unknown): void {
    this.interpreter.dsl.defineProcess(scope, definition, this);
  }

  defineWorkflow(scope: Scope, definition: unknown): void {
    this.interpreter.dsl.defineWorkflow(scope, definition, this);
  }

  defineOutputs(scope: Scope, declarations: unknown): void {
    this.interpreter.dsl.defineOutputs(scope, declarations, this);
  }

  declareParams(scope: Scope, parameters: unknown): void {
    this.interpreter.dsl.declareParams(scope, parameters, this);
  }
}

/** Properties that are methods without "get". */
const PROPERTIES = new Map<string, (object: Value) => ReturnType<typeof methodOf>>(
  ['bytes', 'chars', 'first', 'last', 'empty', 'size'].map((name) => [
    name,
    (object) => methodOf(object, name === 'empty' ? 'isEmpty' : name),
  ]),
);

function missing(object: Value, name: string): never {
  throw missingProperty(object, name, methodNames(object));
}
