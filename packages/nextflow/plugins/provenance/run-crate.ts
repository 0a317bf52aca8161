import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configText } from '../../config/config-text.ts';
import { yamlValue } from '../../evaluate/classes/builders.ts';
import { isUri } from '../../files/files.ts';
import { FilePath } from '../../values/path.ts';
import { GroovyMap } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import { crateAgents } from './crate-agents.ts';
import type { Entity } from './crate-entity.ts';
import { crateParameters } from './crate-parameters.ts';
import {
  foreignFiles,
  inputFiles,
  json,
  makers,
  mediaType,
  option,
  outputFiles,
  plain,
  type ProvenanceDocument,
  type ProvenanceRecord,
  type ProvenRun,
  type ProvenTask,
} from './record.ts';

const PROFILES = [
  ['https://w3id.org/ro/wfrun/process/0.5', 'Process Run Crate', '0.5'],
  ['https://w3id.org/ro/wfrun/workflow/0.5', 'Workflow Run Crate', '0.5'],
  ['https://w3id.org/ro/wfrun/provenance/0.5', 'Provenance Run Crate', '0.5'],
  ['https://w3id.org/workflowhub/workflow-ro-crate/1.0', 'Workflow RO-Crate', '1.0'],
] as const;
const LANGUAGE = 'https://w3id.org/workflowhub/workflow-ro-crate#nextflow';
const COMPLETED = 'http://schema.org/CompletedActionStatus';
const READMES = ['README.md', 'README.txt', 'readme.md', 'readme.txt', 'README'];

/**
 * A Workflow Run RO-Crate in the folder of the document, of the three profiles (process, workflow and provenance run
 * crate): https://www.researchobject.org/workflow-run-crate/. Its entities and their names are nf-prov's; what a crate
 * must have and no run can tell (license, agent) comes from `prov.formats.wrroc`.
 */
export function runCrate(
  record: ProvenanceRecord,
  run: ProvenRun,
  options: GroovyMap,
  path: string,
): ProvenanceDocument {
  const { manifest, version } = run;
  const { tasks } = record;
  const crate = posix.dirname(path);
  const of = (name: string) => text(manifest.get(name) ?? '') || undefined;
  const license = option(options, 'license');
  if (license === undefined)
    run.warn(
      'The Workflow Run RO-Crate has no license, which it must have. Set "prov.formats.wrroc.license".',
    );
  const { agent, entities: agents, publisher } = crateAgents(options);
  const main = posix.basename(run.main);
  const engine = `${main}#software-application`;
  const beside = companions(run);
  const parameters = crateParameters(run);
  const copied = new Map(parameters.files.map(({ absolute }) => [absolute, posix.basename(absolute)]));
  const inputs = inputEntities([...new Set([...foreignFiles(tasks), ...copied.keys()])], copied, run);
  const outputs = outputEntities(record, run, crate);
  const steps = stepEntities(tasks);
  const modules = moduleEntities(tasks, run);
  const actions = taskEntities(tasks, copied, agent);
  const runId = `#${run.id}`;
  const name = of('name') ?? run.projectName;
  const times = { startTime: iso(run.started), endTime: iso(run.ended) };
  const graph: (Entity | undefined)[] = [
    {
      ...{ '@id': posix.basename(path), '@type': 'CreativeWork', about: { '@id': './' } },
      conformsTo: [{ '@id': 'https://w3id.org/ro/crate/1.1' }, { '@id': PROFILES[3][0] }],
    },
    {
      ...{ '@id': './', '@type': 'Dataset', name: `Workflow run of ${name}` },
      description: of('description') ?? `Inputs, outputs and tasks of a run of ${name}`,
      ...{
        datePublished: iso(run.ended),
        license: typeof license === 'string' ? { '@id': license } : license,
        author: agent,
        publisher,
      },
      conformsTo: PROFILES.map(([id]) => ({ '@id': id })),
      mainEntity: { '@id': main },
      hasPart: references([{ '@id': main }, ...beside.entities, ...inputs, ...outputs.files]),
      mentions: references([{ '@id': runId }, ...actions.created, ...actions.made, ...outputs.published]),
    },
    ...PROFILES.map(([id, profile, number]) => ({
      ...{ '@id': id, '@type': 'CreativeWork', name: profile, version: number },
    })),
    {
      '@id': main,
      '@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow', 'HowTo'],
      conformsTo: { '@id': 'https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE' },
      ...{ name, description: of('description'), creator: of('author'), license: of('license') },
      ...{ version: of('version'), url: of('homePage'), programmingLanguage: { '@id': LANGUAGE } },
      ...{ encodingFormat: 'application/nextflow', runtimePlatform: `Nextflow ${version}` },
      ...{ hasPart: references(modules), input: references(parameters.formal), output: [] },
      step: references(steps.steps),
    },
    {
      ...{ '@id': LANGUAGE, '@type': 'ComputerLanguage', name: 'Nextflow', version },
      ...{ identifier: 'https://www.nextflow.io/', url: 'https://www.nextflow.io/' },
    },
    { '@id': engine, '@type': 'SoftwareApplication', name: `Nextflow ${version}` },
    ...modules,
    ...parameters.formal,
    ...steps.steps,
    {
      ...{ '@id': `${main}#organize`, '@type': 'OrganizeAction', name: `Run of Nextflow ${version}` },
      ...{ agent, instrument: { '@id': engine }, object: references(steps.controls) },
      ...{ result: { '@id': runId }, ...times },
    },
    {
      ...{ '@id': runId, '@type': 'CreateAction', name: `Nextflow workflow run ${run.id}`, agent, ...times },
      description: `A run of ${name}`,
      ...{ instrument: { '@id': main }, object: references([...parameters.values, ...inputs]) },
      ...{ result: references(outputs.files), actionStatus: COMPLETED },
    },
    ...(typeof license === 'string' ? [{ '@id': license, '@type': 'CreativeWork', name: license }] : []),
    ...agents,
    ...beside.entities,
    ...parameters.values,
    ...steps.controls,
    ...actions.created,
    ...actions.made,
    ...outputs.published.map((action) => ({ ...action, agent, instrument: { '@id': engine } })),
    ...inputs,
    ...outputs.files,
  ];
  return {
    text: json({
      '@context': ['https://w3id.org/ro/crate/1.1/context', 'https://w3id.org/ro/terms/workflow-run/context'],
      '@graph': graph,
    }),
    beside: [
      { name: main, content: filePath(run, run.main) },
      ...beside.files,
      ...parameters.files.map((file) => ({ name: posix.basename(file.absolute), content: file })),
    ],
  };
}

/** Files of the project and of the run that belong into the crate. */
function companions(run: ProvenRun) {
  const readme = READMES.find((name) => run.files.stat(posix.join(run.projectDir, name)));
  const schema = 'nextflow_schema.json';
  const parts = [
    ...(readme === undefined ? [] : [{ name: readme, description: 'The README file of the workflow.' }]),
    ...(run.files.stat(posix.join(run.projectDir, schema))
      ? [{ name: schema, description: 'The parameter schema of the workflow.' }]
      : []),
  ];
  const config = {
    ...{ '@id': 'nextflow.config', '@type': 'File', name: 'Resolved Nextflow configuration' },
    description: 'The resolved Nextflow configuration of the workflow run.',
    encodingFormat: 'text/plain',
  };
  return {
    entities: [
      ...parts.map(({ description, name }) => ({
        ...{
          '@id': name,
          '@type': 'File',
          name,
          description,
          encodingFormat: mediaType(name) ?? 'text/plain',
        },
      })),
      config,
    ],
    files: [
      ...parts.map(({ name }) => ({ name, content: filePath(run, posix.join(run.projectDir, name)) })),
      { name: config['@id'], content: configText(run.config, 'canonical', true) },
    ],
  };
}

function inputEntities(
  paths: readonly string[],
  copied: ReadonlyMap<string, string>,
  run: ProvenRun,
): Entity[] {
  return paths.map((path) => ({
    ...{ '@id': inputId(path, copied), '@type': typeOf(path, run), name: posix.basename(path) },
    encodingFormat: mediaType(path),
  }));
}

/** Published files inside the crate's folder, and how each came there. */
function outputEntities({ published, tasks }: ProvenanceRecord, run: ProvenRun, crate: string) {
  const made = makers(tasks);
  const inside = published.filter(({ target }) => {
    const isInside = target.startsWith(`${crate}/`);
    if (!isInside)
      run.warn(
        `${target} is not in the Workflow Run RO-Crate, because it is outside of its folder ${crate}. Put the crate and the outputs into one folder.`,
      );
    return isInside;
  });
  const id = (target: string) => encodeURI(target.slice(crate.length + 1));
  return {
    files: inside.map(({ source, target }): Entity => ({
      ...{ '@id': id(target), '@type': typeOf(source, run), name: posix.basename(target) },
      encodingFormat: mediaType(target),
    })),
    published: inside.flatMap(({ source, target }): Entity[] => {
      const task = made.get(source);
      if (!task) return [];
      return [
        {
          ...{ '@id': `#publish/${task.hash}/${outputName(task, source)}`, '@type': 'CreateAction' },
          ...{ name: 'publish', description: `${posix.basename(target)} is put where the outputs lie` },
          ...{ object: { '@id': outputId(task, source) }, result: { '@id': id(target) } },
          actionStatus: COMPLETED,
        },
      ];
    }),
  };
}

/** The processes as steps, and what started their tasks. */
function stepEntities(tasks: readonly ProvenTask[]) {
  const processes = [...Map.groupBy(tasks, ({ process }) => process)];
  return {
    steps: processes.map(([process, [task]], index) => ({
      ...{ '@id': `#process-step/${process}`, '@type': 'HowToStep', name: process },
      ...{ workExample: { '@id': moduleId(task!) }, position: String(index + 1) },
    })),
    controls: processes.map(([process, own]) => ({
      ...{ '@id': `#process-control/${process}`, '@type': 'ControlAction' },
      ...{ name: `Orchestrate process ${process}`, instrument: { '@id': `#process-step/${process}` } },
      object: own.map((task) => ({ '@id': taskId(task) })),
    })),
  };
}

/** Modules, with the tools that nf-core's `meta.yml` beside them names. */
function moduleEntities(tasks: readonly ProvenTask[], run: ProvenRun): Entity[] {
  const modules = new Map(tasks.map((task) => [moduleId(task), task]));
  return Array.from(modules, ([id, { module }]) => {
    const meta = moduleMeta(posix.dirname(module.file), run);
    const tools = (meta.tools ?? []).flatMap((tool) => Object.keys(tool));
    return {
      ...{ '@id': id, '@type': 'SoftwareApplication', name: meta.name ?? module.name },
      description: meta.description,
      // As text: an application of its own would need an action that it is the instrument of.
      softwareRequirements: tools.length > 0 ? tools : undefined,
    };
  });
}

interface ModuleMeta {
  readonly name?: string;
  readonly description?: string;
  readonly tools?: readonly Readonly<Record<string, unknown>>[];
}

function moduleMeta(folder: string, { files, warn }: ProvenRun): ModuleMeta {
  const path = posix.join(folder, 'meta.yml');
  if (!files.stat(path)) return {};
  try {
    return (plain(yamlValue(files.read(path).toString('utf8'))) ?? {}) as ModuleMeta;
  } catch (error) {
    warn(
      `${path} is not YAML, so the Workflow Run RO-Crate names no tools of it: ${(error as Error).message}`,
    );
    return {};
  }
}

/** The tasks, and the files that they made. */
function taskEntities(tasks: readonly ProvenTask[], copied: ReadonlyMap<string, string>, agent: unknown) {
  const made = makers(tasks);
  const idOf = (path: string) => {
    const maker = made.get(path);
    return maker ? outputId(maker, path) : inputId(path, copied);
  };
  return {
    created: tasks.map((task) => ({
      ...{ '@id': taskId(task), '@type': 'CreateAction', name: task.name, agent },
      description: `A task of the process ${task.process}`,
      ...(task.times && { startTime: iso(task.times.started), endTime: iso(task.times.ended) }),
      ...{ instrument: { '@id': moduleId(task) }, actionStatus: COMPLETED },
      object: [...new Set(inputFiles(task))].map((path) => ({ '@id': idOf(path) })),
      result: [...new Set(outputFiles(task))].map((path) => ({ '@id': outputId(task, path) })),
    })),
    made: Array.from(made, ([path, task]) => ({
      ...{ '@id': outputId(task, path), '@type': 'CreativeWork', name: outputName(task, path) },
      encodingFormat: mediaType(path),
    })),
  };
}

/** The profile's pattern has no `Z`. */
function iso(date: Date): string {
  return date.toISOString().replace('Z', '+00:00');
}

function taskId({ hash }: ProvenTask): string {
  return `#task/${hash}`;
}

function moduleId({ module }: ProvenTask): string {
  return `#module/${module.name}`;
}

function outputName({ workDirectory }: ProvenTask, path: string): string {
  return encodeURI(path.startsWith(`${workDirectory}/`) ? path.slice(workDirectory.length + 1) : path);
}

function outputId(task: ProvenTask, path: string): string {
  return `${taskId(task)}/${outputName(task, path)}`;
}

/** By its place in the crate, or by where it lies: an entity's id must be a URI. */
function inputId(path: string, copied: ReadonlyMap<string, string>): string {
  const inside = copied.get(path);
  if (inside !== undefined) return encodeURI(inside);
  return isUri(path) ? path : pathToFileURL(path).href;
}

function typeOf(path: string, { files }: ProvenRun): string {
  return files.stat(path)?.isDirectory === true ? 'Dataset' : 'File';
}

function references(entities: readonly { readonly '@id': string }[]) {
  return entities.map((entity) => ({ '@id': entity['@id'] }));
}

function filePath({ files }: ProvenRun, path: string): FilePath {
  return new FilePath(files, path);
}
