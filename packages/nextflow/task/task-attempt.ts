import type { TaskOutcome } from '@helicase/runtime';
import { processSettings } from '../config/process-settings.ts';
import type { ProcessRun } from '../run/process-run.ts';
import { GroovyMap } from '../values/map.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import { Directives } from './directives.ts';
import { templateFunction } from './script-template.ts';
import { TaskInputs } from './task-inputs.ts';
import { type Places, placesOf } from './task-script.ts';
import { TaskObject, TaskScope } from './task-scope.ts';

/** Everything of one attempt at a task. */
export interface Attempt {
  readonly number: number;
  readonly scope: TaskScope;
  readonly directives: Directives;
  readonly task: TaskObject;
  readonly inputs: TaskInputs;
  readonly places: Places;
  script: string;
  outcome: TaskOutcome | undefined;
}

/** What the attempt before this one left for `task.previousTrace` and its like. */
export interface PreviousAttempt {
  readonly outcome: TaskOutcome | undefined;
  readonly memory: Value;
  readonly fault: Value;
}

export interface AttemptOptions {
  readonly process: ProcessRun;
  readonly index: number;
  readonly number: number;
  readonly previous: PreviousAttempt | undefined;
  name(): string;
  hash(): string;
}

/** The names, directives and inputs of an attempt; nothing is evaluated yet but its labels. */
export function openAttempt(options: AttemptOptions): Attempt {
  const { index, number, process } = options;
  const { component } = process;
  const { host, interpreter } = component.session;
  const places = placesOf(host);
  const scope = new TaskScope(component.scope);
  const directives = directivesOf(process, scope);
  const task = new TaskObject(taskFacts(options, interpreter.path(places.work)), directives, () => {
    const limits = directives.get('resourceLimits');
    return limits instanceof GroovyMap ? limits : undefined;
  });
  scope.set('task', task);
  scope.set('moduleDir', interpreter.path(component.moduleDir));
  scope.set('template', templateFunction(component, scope));
  const inputs = new TaskInputs(scope, component.machine, process.name, {
    path: (location) => interpreter.path(location),
    scratchFile: (content) => component.session.runFiles.scratchFile(`input.${index}`, content),
  });
  return { number, scope, directives, task, inputs, places, script: '', outcome: undefined };
}

function directivesOf({ component, name: qualified }: ProcessRun, scope: TaskScope): Directives {
  const { definition, machine, name, session } = component;
  const labels = definition.directives.flatMap((node) =>
    node.name === 'label'
      ? (node.args.withDelegate(scope, 'delegate-first').apply([]) as Value[]).map((label) => text(label))
      : [],
  );
  const names = [...new Set([definition.name, name, qualified])];
  return new Directives(
    definition.directives,
    processSettings(session.config, names, labels),
    scope,
    machine,
  );
}

function taskFacts({ hash, index, name, number, previous, process }: AttemptOptions, workDir: Value) {
  const { fault = null, memory = null, outcome } = previous ?? {};
  return {
    ...{ index, attempt: number, process: process.name, name, hash, workDir },
    exitStatus: outcome?.exitCode ?? (number > 1 ? -1 : null),
    previousTrace: outcome
      ? GroovyMap.of({ exit: outcome.exitCode ?? null, memory, peak_rss: outcome.peakMemoryBytes ?? null })
      : null,
    previousException: fault,
  };
}
