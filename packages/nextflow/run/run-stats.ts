import { GroovyObject, type Value } from '../values/value.ts';

type Counted = 'succeeded' | 'cached' | 'failed' | 'ignored' | 'retries';

/** `workflow.stats`: how many attempts at tasks ended, and how. A failed one that was ignored or retried counts twice. */
export class RunStats extends GroovyObject {
  readonly className = 'WorkflowStats';
  readonly #counts: Record<Counted | 'aborted', number> = {
    succeeded: 0,
    cached: 0,
    failed: 0,
    ignored: 0,
    retries: 0,
    aborted: 0,
  };

  count(what: Counted): void {
    this.#counts[what] += 1;
  }

  get ignored(): number {
    return this.#counts.ignored;
  }

  override property(name: string): Value | undefined {
    const [, what, form] = /^(\w+?)(Count|CountFmt)$/.exec(name) ?? [];
    const known = Object.entries(this.#counts).find(([one]) => one === what);
    if (!known) return undefined;
    return form === 'Count' ? known[1] : known[1].toLocaleString('en');
  }

  override members(): Iterable<string> {
    return Object.keys(this.#counts).map((name) => `${name}Count`);
  }

  toString(): string {
    const counts = Object.entries(this.#counts).map(([name, count]) => `${name}Count=${count}`);
    return `WorkflowStats[${counts.join('; ')}]`;
  }
}
