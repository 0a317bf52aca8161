import { asChannel } from '../dataflow/as-channel.ts';
import type { Machine } from '../evaluate/machine.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { indexText } from './index-file.ts';
import { Closure, type Scope } from '../values/closure.ts';
import { fault, illegalArgument } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { FilePath, whileMoving } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import { publishMode } from '../task/publish.ts';
import { setting } from '../config/config-loader.ts';
import type { Session } from './session.ts';

export interface OutputDeclarationNode {
  readonly name: string;
  readonly place: number;
  readonly body: Closure;
}

/** What the entry workflow assigns in its `publish:` section. */
export interface PublishedValue {
  readonly name: string;
  readonly value: Value;
  located(error: unknown): unknown;
}

/** The settings of one output: `path`, `mode`, `index` and others, as its block sets them. */
class OutputSettings implements Scope {
  readonly values = new GroovyMap();
  readonly #outer: Scope;

  constructor(outer: Scope) {
    this.#outer = outer;
  }

  lookup(name: string): Value | undefined {
    return this.#outer.lookup(name);
  }

  assign(): boolean {
    return false;
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    if (
      ![
        'path',
        'mode',
        'index',
        'enabled',
        'overwrite',
        'contentType',
        'storageClass',
        'tags',
        'ignoreErrors',
        'label',
      ].includes(name)
    )
      return this.#outer.call(name, args);
    if (name === 'index' && args[0] instanceof Closure) {
      const index = new GroovyMap();
      args[0]
        .withDelegate(
          {
            lookup: () => undefined,
            assign: () => false,
            names: () => [],
            call: (key, [value]) => (index.set(key, value), null),
          },
          'delegate-first',
        )
        .apply([]);
      this.values.set('index', index);
    } else this.values.set(name, args[0] ?? null);
    return null;
  }

  names(): Iterable<string> {
    return this.#outer.names();
  }
}

/** `output { ... }`: where the channels of the entry workflow's `publish:` section go. */
export class OutputDeclarations {
  readonly #declarations: readonly OutputDeclarationNode[];
  readonly #machine: Machine;
  readonly #outputs: PublishedOutput[] = [];

  constructor(declarations: readonly OutputDeclarationNode[], machine: Machine) {
    this.#declarations = declarations;
    this.#machine = machine;
  }

  connect(published: readonly PublishedValue[], session: Session): void {
    for (const { located, name, value } of published) {
      const declaration = this.#declarations.find((one) => one.name === name);
      const names = this.#declarations.map((one) => one.name);
      if (!declaration)
        throw located(
          fault(
            `The workflow publishes "${name}", which is not in the output block.${suggestion(name, names)}`,
          ),
        );
      this.#publish(declaration, value, session);
    }
    const missing = this.#declarations.find((one) => !published.some(({ name }) => name === one.name));
    if (missing)
      throw this.#machine.located(
        fault(
          `The output "${missing.name}" is not published: assign it in the publish section of the entry workflow.`,
        ),
        missing.place,
      );
  }

  /** What was published under each name, once all of it is. */
  published(): GroovyMap {
    const enabled = this.#outputs.filter((output) => output.enabled);
    return GroovyMap.from(enabled.map(({ name, result }) => [name, result] as const));
  }

  #publish(declaration: OutputDeclarationNode, value: Value, session: Session): void {
    const settings = new OutputSettings(declaration.body.owner);
    declaration.body.withDelegate(settings, 'delegate-first').apply([]);
    const channel = asChannel(value);
    if (!channel)
      throw illegalArgument(`The output "${declaration.name}" must be a channel, not ${text(value)}.`);
    const output = new PublishedOutput(declaration.name, settings.values, session);
    this.#outputs.push(output);
    channel.read({ next: (item) => output.take(item), done: () => output.finish(channel.isValue) });
  }
}

/** One output while its items come. */
class PublishedOutput {
  readonly name: string;
  readonly #settings: GroovyMap;
  readonly #session: Session;
  readonly #index: Value[] = [];
  #result: Value = null;

  constructor(name: string, settings: GroovyMap, session: Session) {
    this.name = name;
    this.#settings = settings;
    this.#session = session;
  }

  #setting(name: string): Value | undefined {
    return this.#settings.get(name) ?? setting(this.#session.config, `workflow.output.${name}`);
  }

  get enabled(): boolean {
    return this.#setting('enabled') !== false;
  }

  /** Its index, or its items themselves. */
  get result(): Value {
    return this.#result;
  }

  take(item: Value): void {
    if (!this.enabled) return;
    this.#index.push(this.#place(item));
  }

  #place(item: Value): Value {
    const path = this.#settings.get('path');
    if (!(path instanceof Closure))
      return this.#published(item, path === undefined || path === null ? '' : text(path));
    const moves: { file: FilePath; to: string }[] = [];
    const folder = whileMoving(
      (file, to) => moves.push({ file, to }),
      () => path.apply([item]),
    );
    if (moves.length === 0) return this.#published(item, folder === null ? '' : text(folder));
    const places = new Map<string, Value>();
    for (const { file, to } of moves) places.set(file.location, this.#file(file, to));
    return this.#replaced(item, (file) => places.get(file.location) ?? file);
  }

  #published(item: Value, folder: string): Value {
    return this.#replaced(item, (file) =>
      this.#file(file, folder === '' ? '' : `${folder.replace(/\/$/, '')}/`),
    );
  }

  #replaced(value: Value, by: (file: FilePath) => Value): Value {
    if (value instanceof FilePath) return by(value);
    if (isCollection(value)) return items(value).map((one) => this.#replaced(one, by));
    if (value instanceof GroovyMap)
      return GroovyMap.from(Array.from(value, ([key, one]) => [key, this.#replaced(one, by)] as const));
    return value;
  }

  /** `to` that ends with a slash is a folder. */
  #file(file: FilePath, to: string): Value {
    const name = this.#session.runFiles.pathInTask(file.location) ?? text(file.property('name'));
    const target = to === '' || to.endsWith('/') ? `${to}${name}` : to;
    const mode = publishMode(this.#setting('mode') ?? null);
    const overwrite = this.#setting('overwrite');
    const place = this.#session.publishFile({
      file,
      folder: this.#session.outputDir,
      name: target,
      mode,
      overwrite: overwrite === undefined || overwrite === 'standard' ? undefined : truth(overwrite),
    });
    return this.#session.interpreter.path(place);
  }

  finish(isValue: boolean): void {
    const index = this.#settings.get('index');
    this.#result = isValue ? (this.#index[0] ?? null) : this.#index;
    if (!(index instanceof GroovyMap)) return;
    const given = index.get('path') ?? null;
    if (given === null) throw illegalArgument(`The index of output "${this.name}" needs a path.`);
    const path = text(given);
    const content = indexText(path, this.#result, index);
    const file = this.#session.runFiles.scratchFile(path.slice(path.lastIndexOf('/') + 1), content);
    const place = this.#session.publishFile({
      file,
      folder: this.#session.outputDir,
      name: path,
      mode: 'copy',
      overwrite: true,
    });
    this.#result = this.#session.interpreter.path(place);
  }
}
