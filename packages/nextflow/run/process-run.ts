import type { Channel } from '../dataflow/channel.ts';
import type { Value } from '../values/value.ts';
import { processSettings } from '../config/process-settings.ts';
import { Directives } from '../task/directives.ts';
import { TaskScope } from '../task/task-scope.ts';
import { GroovyMap } from '../values/map.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { TaskRun } from '../task/task-run.ts';
import type { ProcessComponent } from './process-component.ts';

/** One call of a process: takes a set of inputs whenever there is one of each, and runs a task for it. */
export class ProcessRun {
  readonly component: ProcessComponent;
  /** With the workflows around it: `ALIGN:BWA`. */
  readonly name: string;
  readonly targets: readonly Channel[];
  readonly single: boolean;
  readonly #inputs: readonly Channel[];
  readonly #queues: Value[][];
  readonly #done: boolean[];
  readonly #waiting: Value[][] = [];
  /** One function, so that it waits for a place once. */
  readonly #pumpAgain = () => this.#pump();
  /** `each` inputs: all items, once they are known. */
  readonly #each: readonly boolean[];
  #running = 0;
  #index = 0;
  #ended = false;
  #taken = false;
  #most = 0;
  /** With `fair`, results wait for those of earlier tasks. */
  readonly #finished = new Map<number, () => void>();
  #nextFair = 1;

  constructor(
    component: ProcessComponent,
    name: string,
    inputs: readonly Channel[],
    targets: readonly Channel[],
    single: boolean,
  ) {
    this.component = component;
    this.name = name;
    this.targets = targets;
    this.single = single;
    this.#inputs = inputs;
    this.#queues = inputs.map(() => []);
    this.#done = inputs.map(() => false);
    this.#each = component.definition.inputs.map(({ kind }) => kind === 'each');
  }

  start(): void {
    const { session } = this.component;
    this.#most = session.mostTasks(this);
    session.called(this.name, () => this.#image());
    if (this.#inputs.length === 0) {
      session.whenStarted(() => {
        this.#waiting.push([]);
        this.#taken = true;
        this.#pump();
        this.#endWhenDone();
      });
      return;
    }
    for (const [index, channel] of this.#inputs.entries()) {
      channel.read({
        next: (item) => {
          this.#queues[index]!.push(item);
          session.whenStarted(() => this.#combine());
        },
        done: () => {
          this.#done[index] = true;
          session.whenStarted(() => {
            this.#combine();
            this.#endWhenDone();
          });
        },
      });
    }
  }

  /** The container that a task would have, as far as that is known without its inputs. */
  #image(): string | undefined {
    const { definition, machine, name, scope: outer, session } = this.component;
    const scope = new TaskScope(outer);
    const settings = processSettings(session.config, [...new Set([definition.name, name, this.name])], []);
    const directives = new Directives(definition.directives, settings, scope, machine);
    scope.set('task', GroovyMap.of({ process: this.name, attempt: 1, index: 1, ext: directives.ext() }));
    return session.image(directives);
  }

  /** Takes as many sets of inputs as there are. */
  #combine(): void {
    while (this.#ready()) {
      const row = this.#queues.map((queue, index) =>
        this.#each[index] ? null : this.#inputs[index]!.isValue ? queue[0] : queue.shift(),
      );
      this.#taken = true;
      for (const combined of this.#withEach(row)) this.#waiting.push(combined);
      if (this.#onlyOnce()) break;
    }
    this.#pump();
  }

  #onlyOnce(): boolean {
    return this.#inputs.every(({ isValue }, index) => isValue || this.#each[index]);
  }

  #ready(): boolean {
    if (this.#onlyOnce() && this.#taken) return false;
    return this.#queues.every((queue, index) => (this.#each[index] ? this.#done[index] : queue.length > 0));
  }

  /** One set for every combination of the `each` inputs. */
  #withEach(row: readonly Value[]): Value[][] {
    let rows = [[...row]];
    for (const [index, repeated] of this.#each.entries()) {
      if (!repeated) continue;
      const choices = this.#queues[index]!.flatMap((item) =>
        this.#inputs[index]!.isValue && isCollection(item) ? [...items(item)] : [item],
      );
      rows = rows.flatMap((one) => choices.map((choice) => one.toSpliced(index, 1, choice)));
    }
    return rows;
  }

  #pump(): void {
    const { session } = this.component;
    while (this.#waiting.length > 0 && this.#running < this.#most && !session.stopping) {
      if (!session.places.take(this.#pumpAgain)) return;
      const inputs = this.#waiting.shift()!;
      this.#running += 1;
      this.#index += 1;
      const task = new TaskRun(this, this.#index, inputs);
      session.network.track(this.#run(task));
    }
  }

  async #run(task: TaskRun): Promise<void> {
    const emit = await task.run();
    this.#running -= 1;
    this.component.session.places.giveBack();
    if (this.component.session.network.stopped) return;
    if (task.fair) this.#emitInOrder(task.index, emit);
    else emit();
    this.#pump();
    this.#endWhenDone();
  }

  #emitInOrder(index: number, emit: () => void): void {
    this.#finished.set(index, emit);
    for (let next = this.#finished.get(this.#nextFair); next; next = this.#finished.get(this.#nextFair)) {
      this.#finished.delete(this.#nextFair);
      this.#nextFair += 1;
      next();
    }
  }

  #endWhenDone(): void {
    if (this.#ended || this.#running > 0 || this.#waiting.length > 0 || !this.#inputsOver()) return;
    this.#ended = true;
    for (const target of this.targets) target.close();
  }

  #inputsOver(): boolean {
    if (this.#inputs.length === 0) return true;
    if (this.#onlyOnce()) return this.#done.every(Boolean);
    return (
      this.#inputs.some(
        (channel, index) =>
          this.#done[index] &&
          this.#queues[index]!.length === 0 &&
          !(channel.isValue && this.#queues[index]!.length > 0) &&
          !this.#each[index],
      ) || this.#done.every(Boolean)
    );
  }
}
