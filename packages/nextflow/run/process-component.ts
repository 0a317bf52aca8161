import { asChannel } from '../dataflow/as-channel.ts';
import { Channel } from '../dataflow/channel.ts';
import { ChannelList } from '../dataflow/channel-list.ts';
import { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import { setting } from '../config/config-loader.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { directiveProblem, directiveWarning } from '../task/directives.ts';
import type { Declared, ProcessDefinition } from './process-definition.ts';
import { ProcessRun } from './process-run.ts';
import { ScriptScope } from './script-scope.ts';
import { Component } from './component.ts';

/** A process that can be called; each name under which it is included is another one. */
export class ProcessComponent extends Component<ProcessDefinition, ChannelList> {
  readonly className = 'ProcessDef';
  protected readonly noun = 'process';
  readonly #contexts = new WeakSet();

  /** Checked when the script is read: what cannot work is refused before anything runs. */
  check(): void {
    const { body, directives, stub } = this.definition;
    for (const directive of directives) {
      const problem = directiveProblem(directive.name);
      if (problem) throw this.machine.located(fault(`Process "${this.name}": ${problem}`), directive.place);
      const warning = directiveWarning(directive.name, (scope) =>
        truth(setting(this.session.config, `${scope}.enabled`) ?? false),
      );
      if (warning)
        this.session.log.log('warn', 'nextflow.script.ProcessDef', `Process "${this.name}": ${warning}`);
    }
    if (!body && !stub)
      throw this.machine.located(fault(`Process "${this.name}" has no script.`), this.definition.place);
  }

  /** Of the definition. */
  get scriptFile(): string {
    return this.scope instanceof ScriptScope ? this.scope.file : './.';
  }

  get moduleDir(): string {
    return this.scriptFile.slice(0, this.scriptFile.lastIndexOf('/'));
  }

  named(alias: string): ProcessComponent {
    return new ProcessComponent(alias, this.definition, this.machine, this.scope, this.session);
  }

  run(args: readonly Value[]): ChannelList {
    const { inputs, outputs } = this.definition;
    const given = args.flatMap((arg) =>
      arg instanceof ChannelList && inputs.length !== args.length ? [...arg.channels] : [arg],
    );
    if (given.length !== inputs.length) {
      throw fault(
        `The process "${this.name}" has ${inputs.length} input${inputs.length === 1 ? '' : 's'} but ${given.length} ${given.length === 1 ? 'was' : 'were'} given.`,
      );
    }
    const { context } = this.session;
    if (this.#contexts.has(context)) {
      throw fault(
        `Process '${this.name}' has been already used -- If you need to reuse the same component, include it with a different name or include it in a different workflow context`,
      );
    }
    this.#contexts.add(context);
    const channels = given.map((value, index) => this.#channel(value, index));
    const single = channels.every(({ isValue }) => isValue) && !inputs.some(({ kind }) => kind === 'each');
    const targets = outputs.map(() => this.session.channel(single));
    const names = new Map<string, Value>();
    for (const [index, output] of outputs.entries()) {
      const emit = this.#emitName(output);
      if (emit !== undefined) names.set(emit, targets[index]);
    }
    const out = new ChannelList(this.name, targets, names);
    this.out = out;
    const qualified = this.session.qualified(this.name);
    this.session.network.graph.process(qualified, channels, targets, {
      inputs: inputs.map(({ name }) => name ?? undefined),
      outputs: outputs.map((output) => this.#emitName(output)),
      topics: outputs.flatMap(({ options: { topic } }) =>
        topic ? [this.session.topic(text(topic.apply([])))] : [],
      ),
    });
    new ProcessRun(this, qualified, channels, targets, single).start();
    return out;
  }

  #emitName(output: Declared): string | undefined {
    const emit = output.options['emit'];
    if (emit) return text(emit.apply([]));
    return output.kind === 'typed' ? (output.name ?? undefined) : undefined;
  }

  #channel(given: Value, index: number): Channel {
    // `PROCESS { channel }`: what the closure gives is the input.
    const value = given instanceof Closure ? given.apply([]) : given;
    const channel = asChannel(value);
    if (channel) return channel;
    if (value instanceof ChannelList) {
      throw fault(
        `Input ${index + 1} of "${this.name}" is "${value.owner}" with ${value.channels.length} outputs: say which one, as in ${value.owner}.out[0].`,
      );
    }
    if (value === undefined || (value instanceof GroovyObject && value.className.endsWith('Def'))) {
      throw fault(`Input ${index + 1} of "${this.name}" is ${text(value)}, not a channel or a value.`);
    }
    const made = this.session.channel(true);
    made.bind(value);
    return made;
  }
}
