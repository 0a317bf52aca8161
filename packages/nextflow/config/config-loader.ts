import { dirname, resolve } from 'node:path';
import { compileBlock } from '../compile/script-compiler.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import type { Interpreter } from '../evaluate/interpreter.ts';
import type { Method } from '../evaluate/instance.ts';
import { type Files, isUri } from '../files/files.ts';
import { parseConfig } from '../syntax/config-parser.ts';
import { Source } from '../syntax/source.ts';
import type { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import type { Params } from '../values/params.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import { type ConfigRoot, ConfigScope, EmptyScope } from './config-scope.ts';

export interface ConfigOptions {
  readonly files: Files;
  readonly interpreter: Interpreter;
  /** Parameters of the command line, which stand before those of the files. */
  readonly params: Params;
  readonly profiles: readonly string[];
  /** The profiles themselves are among the values, and none is applied. */
  readonly showProfiles?: boolean;
  readonly projectDir: string;
  readonly launchDir: string;
  readonly secrets?: GroovyMap;
  /** Told when a configuration asks for secrets. */
  onSecrets?(): void;
  /** The environment that names may refer to. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface LoadedConfig {
  readonly values: GroovyMap;
  readonly plugins: readonly string[];
  /** All profiles that the files have. */
  readonly profiles: readonly string[];
}

/** Reads configuration files, one after the other, later settings over earlier ones. */
export function loadConfig(paths: readonly string[], options: ConfigOptions): LoadedConfig {
  return new ConfigLoader(options).load(paths);
}

class ConfigLoader {
  readonly #options: ConfigOptions;
  readonly #values = new GroovyMap();
  readonly #functions = new Map<string, Method>();
  readonly #plugins: string[] = [];
  readonly #profiles = new Map<string, { block: Closure; folder: string }[]>();
  #depth = 0;

  constructor(options: ConfigOptions) {
    this.#options = options;
    this.#values.set('params', options.params);
  }

  load(paths: readonly string[]): LoadedConfig {
    for (const path of paths) this.#file(path);
    if (this.#options.showProfiles) this.#values.set('profiles', this.#allProfiles());
    else this.#refuseUnknownProfiles();
    dropEmpty(this.#values);
    return { values: this.#values, plugins: this.#plugins, profiles: [...this.#profiles.keys()] };
  }

  get #wanted(): readonly string[] {
    const { profiles } = this.#options;
    return profiles.length > 0 ? profiles : ['standard'];
  }

  /**
   * "Nextflow applies config profiles in the order in which they were defined in the config file, regardless of the
   * order you specify them on the command line." Each may include files that have more.
   */
  #applyProfiles(): void {
    if (this.#options.showProfiles) return;
    for (const [name, blocks] of this.#profiles)
      for (const { block, folder } of this.#wanted.includes(name) ? blocks.splice(0) : [])
        block.withDelegate(this.#scope(folder), 'delegate-first').apply([]);
  }

  #refuseUnknownProfiles(): void {
    const name = this.#wanted.find((one) => one !== 'standard' && !this.#profiles.has(one));
    if (name === undefined) return;
    throw fault(
      `Unknown configuration profile: '${name}'.${suggestion(name, this.#profiles.keys())} The configuration has: ${[...this.#profiles.keys()].join(', ') || 'none'}.`,
    );
  }

  #allProfiles(): GroovyMap {
    const all = Array.from(this.#profiles, ([name, blocks]) => {
      const values = new GroovyMap();
      for (const { block, folder } of blocks)
        block.withDelegate(this.#scope(folder, values), 'delegate-first').apply([]);
      return [name, values] as const;
    });
    return GroovyMap.from(all);
  }

  #file(path: string, values = this.#values): void {
    if (this.#depth > 50) throw fault(`The configuration ${path} includes itself.`);
    const { files, interpreter } = this.#options;
    const source = new Source(path, files.read(path).toString('utf8'));
    this.#depth += 1;
    const scope = this.#scope(dirname(path), values);
    interpreter.register(
      scope,
      {
        addFunction: (method) => this.#functions.set(method.name, method),
        define: (name, value) => this.#values.set(name, value),
      },
      null,
    );
    interpreter.run(compileBlock(source, parseConfig(source)), scope);
    this.#depth -= 1;
  }

  #scope(folder: string, values = this.#values): ConfigScope {
    const root: ConfigRoot = {
      include: (path) => this.#include(path, folder, values),
      profile: (name, block) =>
        this.#profiles.set(name, [...(this.#profiles.get(name) ?? []), { block, folder }]),
      profilesEnd: () => this.#applyProfiles(),
      plugin: (id) => this.#plugins.push(id),
      global: (name) => this.#global(name),
      call: (name, args) => this.#call(name, args, scope),
    };
    const scope: ConfigScope = new ConfigScope(values, root);
    return scope;
  }

  #include(path: string, folder: string, values: GroovyMap): void {
    if (path === '/dev/null') return;
    const place = isUri(path) ? path : resolve(folder, path);
    const { files } = this.#options;
    if (isUri(path))
      throw fault(
        `The configuration ${path} is not of the definition and cannot be included. Put it there and include it by its path.`,
        'NoSuchFileException',
      );
    if (!files.stat(place))
      throw fault(`Cannot find the included configuration ${path} (${place}).`, 'NoSuchFileException');
    this.#file(place, values);
  }

  #global(name: string): Value | undefined {
    const { environment, launchDir, projectDir, secrets } = this.#options;
    switch (name) {
      case 'projectDir':
      case 'baseDir':
        return projectDir;
      case 'launchDir':
        return launchDir;
      case 'secrets':
        this.#options.onSecrets?.();
        return secrets ?? new GroovyMap();
      case 'nextflow':
        return this.#options.interpreter.className('nextflow');
      case 'System':
        return undefined;
      default:
        return Object.hasOwn(environment, name) ? environment[name] : undefined;
    }
  }

  #call(name: string, args: readonly Value[], scope: ConfigScope): Value | undefined {
    const method = this.#functions.get(name);
    if (method) return method.body(scope, ...args);
    const { interpreter } = this.#options;
    if (name === 'file' && args.length > 0)
      return interpreter.path(resolve(this.#options.launchDir, text(args.at(-1))));
    if (name === 'env') return interpreter.environment().get(text(args[0])) ?? null;
    if (name === 'println' || name === 'print') {
      interpreter.print(text(args[0] ?? ''));
      return null;
    }
    return undefined;
  }
}

function dropEmpty(map: GroovyMap): void {
  for (const [key, value] of [...map]) {
    if (!(value instanceof GroovyMap)) continue;
    dropEmpty(value);
    if (value instanceof EmptyScope && value.size === 0) map.delete(key);
  }
}

/** A setting by its path: `setting(config, 'process.executor')`. */
export function setting(config: GroovyMap, path: string): Value | undefined {
  let at: Value = config;
  for (const name of path.split('.')) {
    if (!(at instanceof GroovyMap) || !at.has(name)) return undefined;
    at = at.get(name);
  }
  return at ?? undefined;
}
