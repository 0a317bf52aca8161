import { suggestion } from '../diagnostics/suggestion.ts';
import type { Machine } from '../evaluate/machine.ts';
import { Closure, type Scope } from '../values/closure.ts';
import { GroovyMap } from '../values/map.ts';
import type { Value } from '../values/value.ts';
import { LazyString } from '../values/lazy-string.ts';
import type { DirectiveNode } from '../run/process-definition.ts';
import type { ProcessSettings } from '../config/process-settings.ts';

/** Directives of Nextflow's reference. */
const KNOWN = new Set([
  ...[
    'accelerator',
    'afterScript',
    'arch',
    'array',
    'beforeScript',
    'cache',
    'clusterOptions',
    'conda',
    'container',
  ],
  ...[
    'containerOptions',
    'cpus',
    'debug',
    'disk',
    'echo',
    'env',
    'errorStrategy',
    'executor',
    'ext',
    'fair',
    'label',
  ],
  ...[
    'machineType',
    'maxErrors',
    'maxForks',
    'maxRetries',
    'maxSubmitAwait',
    'memory',
    'module',
    'penv',
    'pod',
  ],
  ...[
    'publishDir',
    'queue',
    'resourceLabels',
    'resourceLimits',
    'scratch',
    'secret',
    'shell',
    'spack',
    'stageAs',
  ],
  ...[
    'stageInMode',
    'stageOutMode',
    'storeDir',
    'tag',
    'time',
    'validExitStatus',
    'params',
    'cleanup',
    'hints',
    'consumableResources',
  ],
]);
/**
 * Directives of clusters, clouds and package managers that change nothing where a run's tasks run: a pipeline that has
 * them runs, and is told so.
 */
const WITHOUT_EFFECT = new Set([
  ...['arch', 'array', 'cleanup', 'clusterOptions', 'conda', 'consumableResources', 'hints', 'machineType'],
  ...[
    'maxSubmitAwait',
    'module',
    'penv',
    'pod',
    'queue',
    'resourceLabels',
    'scratch',
    'spack',
    'stageOutMode',
  ],
]);

/** Directives that may be given several times. */
const REPEATED = new Set([
  'label',
  'publishDir',
  'module',
  'secret',
  'env',
  'pod',
  'resourceLabels',
  'stageAs',
]);

export function directiveProblem(name: string): string | undefined {
  if (KNOWN.has(name)) return undefined;
  return `Unknown process directive "${name}".${suggestion(name, KNOWN)}`;
}

/** `conda` and `spack` change nothing in Nextflow either, unless the configuration turns them on. */
export function directiveWarning(name: string, isOn: (scope: string) => boolean): string | undefined {
  if (!WITHOUT_EFFECT.has(name) || (['conda', 'spack'].includes(name) && !isOn(name))) return undefined;
  return `The directive "${name}" changes nothing here.`;
}

/** The directives of one attempt at a task: from the configuration and the script, evaluated when they are asked for. */
export class Directives {
  readonly #sources = new Map<string, (() => Value)[]>();
  readonly #values = new Map<string, Value>();
  readonly #scope: Scope;

  constructor(nodes: readonly DirectiveNode[], settings: ProcessSettings, scope: Scope, machine: Machine) {
    this.#scope = scope;
    for (const node of nodes)
      this.#add(node.name, () => located(machine, node.place, () => this.#argument(node)));
    for (const [name, value] of settings.defaults)
      if (!this.#sources.has(String(name))) this.#sources.set(String(name), [() => this.resolve(value)]);
    for (const [name, value] of settings.selected) this.#overlay(String(name), value);
    const ext = settings.defaults.get('ext');
    if (ext instanceof GroovyMap) this.#mergeDefaults(ext);
  }

  #add(name: string, source: () => Value): void {
    const old = this.#sources.get(name);
    if (old && REPEATED.has(name)) old.push(source);
    else this.#sources.set(name, [source]);
  }

  /** Settings for this process replace its own directives; `ext` is merged. */
  #overlay(name: string, value: Value): void {
    const own = this.#sources.get(name);
    if (name === 'ext' && own && value instanceof GroovyMap) this.#sources.set(name, [...own, () => value]);
    else if (name === 'label' && own) own.push(() => this.resolve(value));
    else this.#sources.set(name, [() => this.resolve(value)]);
  }

  #mergeDefaults(ext: GroovyMap): void {
    const own = this.#sources.get('ext') ?? [];
    this.#sources.set('ext', [() => ext, ...own]);
  }

  #argument(node: DirectiveNode): Value {
    const args = node.args.withDelegate(this.#scope, 'delegate-first').apply([]) as Value[];
    // `ext` keeps closures: each is called when it is read.
    const values = node.name === 'ext' ? args : args.map((value) => this.resolve(value));
    const [first, second] = values;
    if (values.length === 2 && first instanceof GroovyMap) {
      return GroovyMap.from([...first, [node.name === 'publishDir' ? 'path' : 'value', second]]);
    }
    return values.length <= 1 ? (first ?? null) : values;
  }

  /** A closure's value, with the task's names. */
  resolve(value: Value): Value {
    if (value instanceof Closure)
      return this.resolve(value.withDelegate(this.#scope, 'delegate-first').apply([]));
    if (value instanceof LazyString) return value.toString();
    return value;
  }

  /** A closure that is called later, with the task's names: `saveAs`. */
  bound(closure: Closure): Closure {
    return closure.withDelegate(this.#scope, 'delegate-first');
  }

  has(name: string): boolean {
    return this.#sources.has(name);
  }

  /** The last value that was given. */
  get(name: string): Value | undefined {
    if (name === 'ext') return this.ext();
    if (this.#values.has(name)) return this.#values.get(name);
    const value = this.#sources.get(name)?.at(-1)?.();
    if (value !== undefined) this.#values.set(name, value);
    return value;
  }

  all(name: string): Value[] {
    return (this.#sources.get(name) ?? []).flatMap((source) => {
      const value = source();
      return Array.isArray(value) && REPEATED.has(name)
        ? value.map((one: Value) => this.resolve(one))
        : [value];
    });
  }

  ext(): GroovyMap {
    const merged = new GroovyMap();
    for (const source of this.#sources.get('ext') ?? []) {
      const value = source();
      if (value instanceof GroovyMap) for (const [key, item] of value) merged.set(key, item);
    }
    return merged;
  }

  names(): Iterable<string> {
    return this.#sources.keys();
  }
}

function located(machine: Machine, place: number, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw machine.located(error, place);
  }
}
