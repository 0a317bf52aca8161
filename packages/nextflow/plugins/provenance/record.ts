import { isCollection, items } from '../../evaluate/items.ts';
import { toPlain } from '../../evaluate/classes/json.ts';
import type { Files } from '../../files/files.ts';
import { GroovyMap } from '../../values/map.ts';
import { FilePath } from '../../values/path.ts';
import { text } from '../../values/text.ts';
import type { Value } from '../../values/value.ts';

export interface ProvenValue {
  readonly name: string;
  readonly emit?: string | undefined;
  readonly value: Value;
}

/** A task that ended well, with what it got and what it made. */
export interface ProvenTask {
  readonly id: number;
  /** All digits of its hash; the run's lines show the first eight. */
  readonly hash: string;
  readonly name: string;
  /** With the workflows around it: `ALIGN:SORT`. */
  readonly process: string;
  /** The process as its script names it, whatever it is included as, and the script. */
  readonly module: { readonly name: string; readonly file: string };
  readonly cached: boolean;
  readonly script: string;
  readonly workDirectory: string;
  /** Absent for what runs in the script itself. */
  readonly times: { readonly started: Date; readonly ended: Date } | undefined;
  readonly inputs: readonly ProvenValue[];
  readonly outputs: readonly ProvenValue[];
}

export interface PublishedFile {
  readonly source: string;
  readonly target: string;
}

export interface ProvenanceRecord {
  readonly tasks: readonly ProvenTask[];
  /** Those that `prov.patterns` lets through. */
  readonly published: readonly PublishedFile[];
  /** That the run was launched in; of a server's runs empty. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the documents say of the run itself. */
export interface ProvenRun {
  readonly id: string;
  readonly main: string;
  readonly projectDir: string;
  readonly projectName: string;
  readonly launchDir: string;
  readonly version: string;
  readonly config: GroovyMap;
  readonly manifest: GroovyMap;
  readonly params: GroovyMap;
  readonly files: Files;
  readonly started: Date;
  readonly ended: Date;
  warn(message: string): void;
}

/** A document, and files that belong beside it. */
export interface ProvenanceDocument {
  readonly text: string;
  readonly beside?: readonly { readonly name: string; readonly content: string | FilePath }[];
}

export type ProvenanceFormat = (
  record: ProvenanceRecord,
  run: ProvenRun,
  options: GroovyMap,
  /** Of the document, absolute or a URI. */
  path: string,
) => ProvenanceDocument;

/** A setting of a format as plain data, where it is set. */
export function option(options: Value, ...path: readonly string[]): unknown {
  let found: Value = options;
  for (const name of path) found = found instanceof GroovyMap ? (found.get(name) ?? null) : null;
  return found === null ? undefined : plain(found);
}

export function filesIn(value: Value): string[] {
  if (value instanceof FilePath) return [value.absolute];
  if (value instanceof GroovyMap) return Array.from(value, ([, item]) => filesIn(item)).flat();
  return isCollection(value) ? items(value).flatMap(filesIn) : [];
}

export function inputFiles({ inputs }: ProvenTask): string[] {
  return inputs.flatMap(({ value }) => filesIn(value));
}

export function outputFiles({ outputs }: ProvenTask): string[] {
  return outputs.flatMap(({ value }) => filesIn(value));
}

/** The task that made a file, by the file. */
export function makers(tasks: readonly ProvenTask[]): Map<string, ProvenTask> {
  return new Map(tasks.flatMap((task) => outputFiles(task).map((path) => [path, task] as const)));
}

/** What tasks read and no task made. */
export function foreignFiles(tasks: readonly ProvenTask[]): string[] {
  const made = makers(tasks);
  return [...new Set(tasks.flatMap(inputFiles))].filter((path) => !made.has(path));
}

export function plain(value: Value): unknown {
  if (value instanceof FilePath) return value.absolute;
  if (value instanceof GroovyMap)
    return Object.fromEntries(Array.from(value, ([key, item]) => [text(key), plain(item)]));
  return isCollection(value) ? items(value).map(plain) : toPlain(value);
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 4)}\n`;
}

/** The media types that Java's `Files.probeContentType` knows of what pipelines publish, and YAML's. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  css: 'text/css',
  csv: 'text/csv',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  md: 'text/markdown',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  tar: 'application/x-tar',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  zip: 'application/zip',
};

export function mediaType(path: string): string | undefined {
  return MEDIA_TYPES[path.slice(path.lastIndexOf('.') + 1).toLowerCase()];
}
