import { Moment } from '../evaluate/classes/dates.ts';
import { Closure } from '../values/closure.ts';
import { Duration } from '../values/duration.ts';
import { GroovyMap } from '../values/map.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { VersionNumber } from '../values/version.ts';
import { text } from '../values/text.ts';
import { fault } from '../values/errors.ts';

/** The release of the language that this engine follows; scripts ask for it and manifests demand it. */
export const NEXTFLOW_VERSION = '25.10.0';

/** `nextflow`: the version, and flags that scripts set. */
export class NextflowObject extends GroovyObject {
  readonly className = 'NextflowMeta';
  readonly version: VersionNumber;
  readonly #flags = GroovyMap.of({
    enable: GroovyMap.of({
      dsl: 2,
      strict: false,
      moduleBinaries: false,
      configProcessNamesValidation: true,
    }),
    preview: new GroovyMap(),
  });

  constructor(version = NEXTFLOW_VERSION) {
    super();
    this.version = new VersionNumber(version);
  }

  flag(name: string): Value {
    return (this.#flags.get('enable') as GroovyMap).get(name) ?? null;
  }

  override property(name: string): Value | undefined {
    if (name === 'version') return this.version;
    if (name === 'build') return 0;
    if (name === 'timestamp') return '2025-10-01T00:00:00Z';
    const flags = this.#flags.get(name);
    return flags instanceof GroovyMap ? new Flags(flags) : undefined;
  }

  toString(): string {
    return `nextflow ${this.version}`;
  }
}

class Flags extends GroovyObject {
  readonly className = 'Flags';
  readonly #values: GroovyMap;

  constructor(values: GroovyMap) {
    super();
    this.#values = values;
  }

  override property(name: string): Value {
    return this.#values.get(name) ?? null;
  }

  override setProperty(name: string, value: Value): boolean {
    if (name === 'dsl' && Number(value) === 1) {
      throw fault(
        'This script asks for DSL1, which is not supported any more. Rewrite it for DSL2: processes are called in a workflow block.',
      );
    }
    this.#values.set(name, value);
    return true;
  }

  toString(): string {
    return text(this.#values);
  }
}

export interface WorkflowFacts {
  readonly [name: string]: Value;
}

/** `workflow`: what is known of the run, and its handlers. */
export class WorkflowObject extends GroovyObject {
  readonly className = 'WorkflowMetadata';
  readonly facts: GroovyMap;
  readonly #completed: Closure[] = [];
  readonly #failed: Closure[] = [];

  constructor(facts: WorkflowFacts) {
    super();
    this.facts = GroovyMap.of({
      ...{
        start: new Moment(Date.now(), 'OffsetDateTime'),
        complete: null,
        success: false,
        exitStatus: null,
        errorMessage: null,
        errorReport: null,
      },
      ...{
        duration: null,
        commitId: null,
        repository: null,
        revision: null,
        containerEngine: null,
        container: new GroovyMap(),
      },
      ...{
        fusion: GroovyMap.of({ enabled: false }),
        wave: GroovyMap.of({ enabled: false }),
        failOnIgnore: false,
        preview: false,
      },
      ...facts,
    });
  }

  override property(name: string): Value | undefined {
    return this.facts.has(name) ? this.facts.get(name) : undefined;
  }

  override setProperty(name: string, value: Value): boolean {
    if (name === 'onComplete' && value instanceof Closure) this.#completed.push(value);
    else if (name === 'onError' && value instanceof Closure) this.#failed.push(value);
    else return false;
    return true;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'toMap') return this.facts.copy();
    if (name === 'onComplete' || name === 'onError')
      return this.setProperty(name, args[0]) ? null : undefined;
    return undefined;
  }

  override members(): Iterable<string> {
    return Array.from(this.facts.keys(), String);
  }

  /** Calls the handlers when the run is over. */
  finish(
    outcome: {
      success: boolean;
      exitStatus: number;
      errorMessage: string | null;
      errorReport: string | null;
    },
    declared: { onComplete: Closure | null; onError: Closure | null },
  ): void {
    const start = this.facts.get('start') as Moment;
    const complete = new Moment(Date.now(), 'OffsetDateTime');
    for (const [name, value] of Object.entries(outcome)) this.facts.set(name, value);
    this.facts.set('complete', complete);
    this.facts.set('duration', new Duration(complete.millis - start.millis));
    if (!outcome.success)
      for (const handler of [...this.#failed, ...(declared.onError ? [declared.onError] : [])])
        handler.apply([]);
    for (const handler of [...this.#completed, ...(declared.onComplete ? [declared.onComplete] : [])])
      handler.apply([]);
  }

  toString(): string {
    return `workflow ${String(this.facts.get('runName'))}`;
  }
}
