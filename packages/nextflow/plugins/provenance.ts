import { createHash } from 'node:crypto';
import { setting } from '../config/config-loader.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { toPlain } from '../evaluate/classes/json.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';

interface Named {
  readonly name: string;
  readonly emit?: string | undefined;
  readonly value: Value;
}

/** A task that ended well, with what it got and what it made. */
export interface ProvenTask {
  readonly id: number;
  readonly hash: string;
  readonly name: string;
  readonly process: string;
  readonly cached: boolean;
  readonly script: string;
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
}

interface Published {
  readonly source: string;
  readonly target: string;
}

/** What the documents say of the run itself. */
export interface ProvenRun {
  readonly id: string;
  readonly script: string;
  readonly version: string;
  readonly manifest: GroovyMap;
  readonly params: GroovyMap;
  readonly started: Date;
  readonly ended: Date;
}

export interface ProvenanceFile {
  readonly path: string;
  readonly overwrite: boolean;
  readonly text: string;
}

type Format = (recorded: Recorded, run: ProvenRun, path: string) => string;
interface Recorded {
  readonly tasks: readonly ProvenTask[];
  readonly published: readonly Published[];
}

const FORMATS: Readonly<Record<string, { readonly file: string; readonly write: Format }>> = {
  legacy: { file: 'manifest.json', write: manifestText },
  bco: { file: 'bco.json', write: bioComputeText },
  dag: { file: 'dag.html', write: dagText },
};

/** nf-prov: from which inputs, by which tasks, the published files came. */
export class Provenance implements Recorded {
  readonly tasks: ProvenTask[] = [];
  readonly published: Published[] = [];
  readonly #scope: GroovyMap;

  /** Undefined where the configuration does without. */
  static of(config: GroovyMap, plugins: readonly string[]): Provenance | undefined {
    if (!plugins.some((id) => id.split('@')[0] === 'nf-prov')) return undefined;
    if (!truth(setting(config, 'prov.enabled') ?? true)) return undefined;
    const formats = setting(config, 'prov.formats');
    return new Provenance(formats instanceof GroovyMap ? formats : new GroovyMap());
  }

  private constructor(formats: GroovyMap) {
    const unknown = Array.from(formats.keys(), String).find((name) => !Object.hasOwn(FORMATS, name));
    if (unknown !== undefined)
      throw fault(
        `nf-prov cannot write the format "${unknown}" here. Its formats are: ${Object.keys(FORMATS).join(', ')}.`,
      );
    this.#scope = formats;
  }

  /** Each format that the configuration names, once the run ended well. */
  files(run: ProvenRun): ProvenanceFile[] {
    return Array.from(this.#scope, ([name, given]) => {
      const { file, write } = FORMATS[String(name)]!;
      const option = (key: string) => (given instanceof GroovyMap ? (given.get(key) ?? null) : null);
      const path = text(option('file') ?? file);
      return { path, overwrite: truth(option('overwrite') ?? false), text: write(this, run, path) };
    });
  }
}

/** nf-prov's own manifest. */
function manifestText({ published, tasks }: Recorded): string {
  const makers = new Map(
    tasks.flatMap((task) =>
      task.outputs.flatMap(({ value }) => filesIn(value).map((path) => [path, task] as const)),
    ),
  );
  return json({
    tasks: Object.fromEntries(
      tasks.map(({ cached, hash, id, inputs, name, outputs, process, script }) => [
        hash,
        {
          ...{ id: String(id), name, cached, process, script },
          inputs: inputs.map((input) => ({ name: input.name, value: plain(input.value) })),
          outputs: outputs.map(({ emit = null, name: output, value }) => ({
            ...{ name: output, emit, value: plain(value) },
          })),
        },
      ]),
    ),
    published: published.map(({ source, target }) => ({
      ...{ source, target, publishingTaskId: String(makers.get(source)?.id ?? '') },
    })),
  });
}

/** A BioCompute Object (IEEE 2791-2020). */
function bioComputeText(recorded: Recorded, run: ProvenRun): string {
  const { published, tasks } = recorded;
  const { manifest, params } = run;
  const from = (name: string) => text(manifest.get(name) ?? '');
  const uris = (paths: readonly string[]) => paths.map((uri) => ({ uri }));
  const steps = tasks.map(({ hash, id, inputs, name, outputs }) => ({
    ...{ step_number: id, name: hash, description: name },
    input_list: uris(inputs.flatMap(({ value }) => filesIn(value))),
    output_list: uris(outputs.flatMap(({ value }) => filesIn(value))),
  }));
  const content = {
    provenance_domain: {
      ...{ name: from('name'), version: from('version'), license: from('license') },
      ...{ created: run.started.toISOString(), modified: run.ended.toISOString() },
      contributors: from('author')
        .split(',')
        .filter(Boolean)
        .map((name) => ({ contribution: ['authoredBy'], name: name.trim() })),
    },
    usability_domain: [from('description')].filter(Boolean),
    extension_domain: [],
    description_domain: { keywords: [], platform: ['Nextflow'], pipeline_steps: steps },
    execution_domain: {
      script: [{ uri: { uri: run.script } }],
      script_driver: 'nextflow',
      software_prerequisites: [
        { name: 'Nextflow', version: run.version, uri: { uri: 'https://github.com/nextflow-io/nextflow' } },
      ],
      external_data_endpoints: [],
      environment_variables: {},
    },
    parametric_domain: Array.from(params, ([param, value]) => ({
      ...{ param: String(param), value: text(value), step: '0' },
    })),
    io_domain: {
      input_subdomain: foreign(tasks).map((uri) => ({ uri: { uri } })),
      output_subdomain: published.map(({ target }) => ({ uri: { uri: target } })),
    },
    error_domain: { empirical_error: {}, algorithmic_error: {} },
  };
  return json({
    object_id: `urn:uuid:${run.id}`,
    spec_version: 'https://w3id.org/ieee/ieee-2791-schema/2791object.json',
    etag: createHash('sha256').update(JSON.stringify(content)).digest('hex'),
    ...content,
  });
}

/** Mermaid: files lead to the tasks that read them, tasks to the files that they made. */
function dagText({ tasks }: Recorded, _run: ProvenRun, path: string): string {
  const names = new Map<string, string>();
  const vertex = (file: string) => {
    const known = names.get(file) ?? `f${names.size}`;
    names.set(file, known);
    return known;
  };
  const arrows = tasks.flatMap(({ id, inputs, outputs }) => [
    ...inputs.flatMap(({ value }) => filesIn(value)).map((file) => `    ${vertex(file)} --> t${id}`),
    ...outputs.flatMap(({ value }) => filesIn(value)).map((file) => `    t${id} --> ${vertex(file)}`),
  ]);
  const shapes = [
    ...tasks.map(({ id, name }) => `    t${id}(["${name.replaceAll('"', "'")}"])`),
    ...Array.from(names, ([file, name]) => `    ${name}["${file.slice(file.lastIndexOf('/') + 1)}"]`),
  ];
  const diagram = ['flowchart TB', ...shapes, ...arrows, ''].join('\n');
  if (!path.endsWith('.html')) return diagram;
  const shown = diagram.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!doctype html>\n<html><head><meta charset="utf-8"><title>Tasks and their files</title></head>\n<body><pre class="mermaid">\n${shown}</pre></body></html>\n`;
}

/** What tasks read and no task made. */
function foreign(tasks: readonly ProvenTask[]): string[] {
  const made = new Set(tasks.flatMap(({ outputs }) => outputs.flatMap(({ value }) => filesIn(value))));
  const read = new Set(tasks.flatMap(({ inputs }) => inputs.flatMap(({ value }) => filesIn(value))));
  return [...read].filter((path) => !made.has(path));
}

function filesIn(value: Value): string[] {
  if (value instanceof FilePath) return [value.absolute];
  if (value instanceof GroovyMap) return Array.from(value, ([, item]) => filesIn(item)).flat();
  return isCollection(value) ? items(value).flatMap(filesIn) : [];
}

function plain(value: Value): unknown {
  if (value instanceof FilePath) return value.absolute;
  if (value instanceof GroovyMap)
    return Object.fromEntries(Array.from(value, ([key, item]) => [text(key), plain(item)]));
  return isCollection(value) ? items(value).map(plain) : toPlain(value);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 4)}\n`;
}
