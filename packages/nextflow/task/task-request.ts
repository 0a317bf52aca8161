import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { StagedInput, TaskRequest } from '@helicase/runtime';
import { items } from '../evaluate/items.ts';
import { isUri } from '../files/files.ts';
import type { ProcessRun } from '../run/process-run.ts';
import type { Session } from '../run/session.ts';
import { Duration } from '../values/duration.ts';
import { GroovyMap } from '../values/map.ts';
import { MemoryUnit } from '../values/memory.ts';
import { toDouble } from '../values/number.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Directives } from './directives.ts';
import type { Attempt } from './task-attempt.ts';
import type { StagedFile, TaskInputs } from './task-inputs.ts';
import { type Places, wrapperText } from './task-script.ts';

export interface RequestParts {
  readonly process: ProcessRun;
  readonly index: number;
  readonly name: string;
  readonly attempt: Attempt;
  /** The text of `.command.sh`. */
  readonly command: string;
  readonly shell: readonly string[];
}

/** What the runtime is asked to run for an attempt. */
export function taskRequest(parts: RequestParts): TaskRequest {
  const { attempt, index, name, process } = parts;
  const { component } = process;
  const { session } = component;
  const { directives, places } = attempt;
  const programs = session.runFiles.programFolders(
    component.moduleDir,
    truth(session.nextflow.flag('moduleBinaries')),
  );
  const image = session.image(directives);
  const statuses = directives.get('validExitStatus') ?? null;
  const secrets = Object.fromEntries(directives.all('secret').map((one) => [text(one), text(one)]));
  return {
    call: `${process.name}[${index}]`,
    attempt: attempt.number,
    name,
    argv: ['/bin/bash', '.command.run'],
    environment: environmentOf(attempt, session),
    workDirectory: places.work,
    stdout: `${places.work}/.command.out`,
    stderr: `${places.work}/.command.err`,
    logsStreams: true,
    ...(image === undefined ? {} : { image }),
    resources: resourcesOf(attempt, session),
    inputs: [
      ...stagedInputs(attempt.inputs, places),
      ...scriptFiles(parts, programs.length),
      ...programs.map((path, at): StagedInput => ({
        kind: 'path',
        path,
        target: `${places.programs}/${at}`,
      })),
      ...definitionFiles(parts.command, session, image !== undefined),
    ],
    network: session.network_(directives),
    ...(Object.keys(secrets).length > 0 ? { secrets } : {}),
    ...(reuses(directives) ? {} : { reuse: false }),
    ...(statuses === null ? {} : { successCodes: items(statuses).map(Number) }),
    source: component.machine.source.position(Math.floor(component.definition.place / 65_536)),
  };
}

/** `cache false`: the task runs whenever it is asked for. */
export function reuses(directives: Directives): boolean {
  const cache = directives.get('cache') ?? true;
  return cache !== false && cache !== 'false';
}

function stagedInputs(inputs: TaskInputs, places: Places): StagedInput[] {
  return inputs.files.map(({ file, name }, index) => {
    const target = `${places.inputs}/${index}/${basename(name)}`;
    return isUri(file.location) && !file.location.startsWith('file:')
      ? { kind: 'uri', uri: file.location, target }
      : { kind: 'path', path: file.files.realPath(file.location), target };
  });
}

function scriptFiles(
  { attempt, command, process, shell }: RequestParts,
  programFolders: number,
): StagedInput[] {
  const { directives, inputs, places } = attempt;
  const given = (name: string) => {
    const value = directives.get(name) ?? null;
    return value === null ? undefined : text(value);
  };
  const wrapper = wrapperText({
    ...{ places, shell, script: command, programFolders },
    inputs: process.component.session.stub ? inputs.files.map(ownIfSmall) : inputs.files,
    hasStdin: inputs.stdin !== undefined,
    before: given('beforeScript'),
    after: given('afterScript'),
    stageIn: (given('stageInMode') ?? 'symlink') as 'symlink',
  });
  const file = (name: string, content: string): StagedInput => ({
    ...{ kind: 'literal', content, target: `${places.work}/${name}` },
  });
  return [
    file('.command.sh', command),
    file('.command.run', wrapper),
    ...(inputs.stdin === undefined ? [] : [file('.command.in', inputs.stdin)]),
  ];
}

const SMALL = 2 ** 20;

/** Stubs `touch` their outputs, among them names of inputs, which are not theirs: they get a copy of their own. */
function ownIfSmall(staged: StagedFile): StagedFile {
  const facts = staged.file.facts();
  return facts?.isFile && facts.size <= SMALL ? { ...staged, writable: true } : staged;
}

/** A script that names a file of the workflow by its path sees it there: containers show nothing of this machine. */
function definitionFiles(
  command: string,
  { exposesProject, projectDir }: Session,
  inContainer: boolean,
): StagedInput[] {
  if ((exposesProject && !inContainer) || !command.includes(projectDir)) return [];
  return readdirSync(projectDir)
    .map((name) => join(projectDir, name))
    .filter((path) => command.includes(path))
    .map((path) => ({ kind: 'path', path, target: path }));
}

function environmentOf({ directives, inputs }: Attempt, session: Session): Record<string, string> {
  const environment: Record<string, string> = { ...session.environment };
  for (const value of directives.all('env'))
    if (value instanceof GroovyMap) for (const [name, item] of value) environment[text(name)] = text(item);
  return { ...environment, ...inputs.environment };
}

function resourcesOf({ directives, task }: Attempt, session: Session): TaskRequest['resources'] {
  const cpus = toDouble(task.property('cpus'));
  const amount = (name: string) => {
    const value = task.property(name);
    return value instanceof MemoryUnit ? value.bytes : undefined;
  };
  const time = task.property('time');
  const disk = amount('disk');
  return {
    cpus,
    memoryBytes: amount('memory') ?? session.defaultMemory(cpus),
    ...acceleratorsOf(directives),
    ...(disk === undefined ? {} : { diskBytes: disk }),
    ...(time instanceof Duration ? { timeoutSeconds: time.millis / 1_000 } : {}),
  };
}

function acceleratorsOf(directives: Directives): Pick<TaskRequest['resources'], 'accelerators'> {
  const accelerator = directives.get('accelerator') ?? null;
  const [count, type] =
    accelerator instanceof GroovyMap
      ? [
          accelerator.get('value') ?? accelerator.get('request') ?? accelerator.get('limit') ?? 1,
          accelerator.get('type') ?? null,
        ]
      : [accelerator, null];
  if (count === null || Number(count) === 0) return {};
  return { accelerators: { count: Number(count), ...(type === null ? {} : { type: text(type) }) } };
}
