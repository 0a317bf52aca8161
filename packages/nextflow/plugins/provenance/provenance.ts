import { posix } from 'node:path';
import { setting } from '../../config/config-loader.ts';
import { items, isCollection } from '../../evaluate/items.ts';
import { isUri } from '../../files/files.ts';
import { globRegExp } from '../../files/glob.ts';
import { fault } from '../../values/errors.ts';
import { GroovyMap } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import { bioComputeObject } from './bio-compute-object.ts';
import { legacyManifest } from './legacy-manifest.ts';
import type {
  ProvenanceDocument,
  ProvenanceFormat,
  ProvenanceRecord,
  ProvenRun,
  ProvenTask,
  PublishedFile,
} from './record.ts';
import { runCrate } from './run-crate.ts';
import { taskGraph } from './task-graph.ts';

const FORMATS: Readonly<Record<string, { readonly file: string; readonly write: ProvenanceFormat }>> = {
  legacy: { file: 'manifest.json', write: legacyManifest },
  bco: { file: 'bco.json', write: bioComputeObject },
  dag: { file: 'dag.html', write: taskGraph },
  wrroc: { file: 'ro-crate-metadata.json', write: runCrate },
};

export interface ProvenanceFile extends ProvenanceDocument {
  /** As the configuration writes it. */
  readonly path: string;
  readonly overwrite: boolean;
}

/** nf-prov: from which inputs, by which tasks, the published files came. */
export class Provenance {
  readonly #tasks: ProvenTask[] = [];
  readonly #published: PublishedFile[] = [];
  readonly #formats: GroovyMap;
  readonly #patterns: readonly RegExp[];
  readonly #environment: ProvenanceRecord['environment'];

  /** Undefined where the configuration does without. */
  static of(
    config: GroovyMap,
    plugins: readonly string[],
    environment: ProvenanceRecord['environment'],
  ): Provenance | undefined {
    if (!plugins.some((id) => id.split('@')[0] === 'nf-prov')) return undefined;
    if (!truth(setting(config, 'prov.enabled') ?? true)) return undefined;
    const formats = setting(config, 'prov.formats');
    const patterns = setting(config, 'prov.patterns') ?? null;
    return new Provenance(
      formats instanceof GroovyMap ? formats : new GroovyMap(),
      isCollection(patterns) ? items(patterns).map(text) : [],
      environment,
    );
  }

  private constructor(
    formats: GroovyMap,
    patterns: readonly string[],
    environment: ProvenanceRecord['environment'],
  ) {
    const unknown = Array.from(formats.keys(), String).find((name) => !Object.hasOwn(FORMATS, name));
    if (unknown !== undefined)
      throw fault(
        `nf-prov cannot write the format "${unknown}" here. Its formats are: ${Object.keys(FORMATS).join(', ')}.`,
      );
    this.#formats = formats;
    this.#environment = environment;
    this.#patterns = patterns.map((pattern) => globRegExp(`**/${pattern}`));
  }

  addTask(task: Omit<ProvenTask, 'id'>): void {
    this.#tasks.push({ ...task, id: this.#tasks.length + 1 });
  }

  addPublished(file: PublishedFile): void {
    if (this.#patterns.length > 0 && !this.#patterns.some((pattern) => pattern.test(file.target))) return;
    this.#published.push(file);
  }

  /** Each document that the configuration names, once the run ended well. */
  files(run: ProvenRun): ProvenanceFile[] {
    const record = { tasks: this.#tasks, published: this.#published, environment: this.#environment };
    return Array.from(this.#formats, ([name, given]) => {
      const { file, write } = FORMATS[String(name)]!;
      const options = given instanceof GroovyMap ? given : new GroovyMap();
      const path = text(options.get('file') ?? file);
      const place = isUri(path) ? path : posix.resolve(run.launchDir, path);
      return {
        ...{ path, overwrite: truth(options.get('overwrite') ?? false) },
        ...write(record, run, options, place),
      };
    });
  }
}
