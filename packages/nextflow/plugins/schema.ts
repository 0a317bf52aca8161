import { dirname, resolve } from 'node:path';
import { setting } from '../config/config-loader.ts';
import { parseJson } from '../evaluate/classes/json.ts';
import { yamlValue } from '../evaluate/classes/builders.ts';
import type { Interpreter } from '../evaluate/interpreter.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { coerceParameter } from '../engine/parameters.ts';
import { type Files, isUri } from '../files/files.ts';
import type { RunLog } from '../run/script-log.ts';
import { csvRows } from '../split/csv.ts';
import { equal } from '../values/compare.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import type { Params } from '../values/params.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import { readSchema, SchemaCheck } from './json-schema.ts';
import type { Plugin, PluginFunction } from './plugins.ts';

export interface SchemaPluginOptions {
  readonly params: Params;
  readonly files: Files;
  readonly projectDir: string;
  readonly interpreter: Interpreter;
  readonly log: RunLog;
  readonly config: GroovyMap;
}

/** nf-schema, and nf-validation under its older name. */
export function schemaPlugins(options: SchemaPluginOptions): Readonly<Record<string, Plugin>> {
  const schema = new ParameterSchema(options);
  const functions: Record<string, PluginFunction> = {
    validateParameters: (args) => schema.validate(args),
    paramsSummaryMap: (args) => schema.summary(args),
    paramsSummaryLog: (args) => schema.summaryText(args),
    paramsHelp: (args) => schema.help(args),
    samplesheetToList: (args) => schema.sampleSheet(args),
  };
  const factories = { fromSamplesheet: (args: readonly Value[]) => schema.rowsOfParameter(args) };
  return { 'nf-schema': { functions }, 'nf-validation': { functions, factories } };
}

class ParameterSchema {
  readonly #options: SchemaPluginOptions;

  constructor(options: SchemaPluginOptions) {
    this.#options = options;
  }

  #schema(args: readonly Value[]): GroovyMap {
    const named = args.find((arg) => arg instanceof GroovyMap);
    const given =
      named?.get('parameters_schema') ??
      setting(this.#options.config, 'validation.parametersSchema') ??
      'nextflow_schema.json';
    return readSchema(resolve(this.#options.projectDir, text(given)), this.#options.files);
  }

  #check(root: GroovyMap): SchemaCheck {
    const { files, interpreter } = this.#options;
    return new SchemaCheck(root, (path) => {
      const facts = files.stat(interpreter.path(path).location);
      return facts && (facts.isDirectory ? 'directory' : 'file');
    });
  }

  /** The groups of parameters, in order. */
  #groups(schema: GroovyMap): GroovyMap[] {
    const groups = schema.get('$defs') ?? schema.get('defs') ?? schema.get('definitions');
    const own = schema.get('properties') instanceof GroovyMap ? [schema] : [];
    return [...(groups instanceof GroovyMap ? ([...groups.values()] as GroovyMap[]) : []), ...own];
  }

  #properties(schema: GroovyMap): [string, GroovyMap][] {
    return this.#groups(schema).flatMap((group) => {
      const properties = group.get('properties');
      return properties instanceof GroovyMap
        ? Array.from(properties, ([name, one]): [string, GroovyMap] => [text(name), one as GroovyMap])
        : [];
    });
  }

  validate(args: readonly Value[]): Value {
    const { interpreter, log, params, projectDir } = this.#options;
    const schema = this.#schema(args);
    const check = this.#check(schema);
    const values = plainValues(params.plain());
    for (const name of this.#ignored()) values.delete(name);
    check.check(values, schema, '');
    for (const [name, one] of this.#properties(schema)) {
      const file = values.get(name);
      const inner = one.get('schema');
      if (inner === undefined || typeof file !== 'string' || file === '') continue;
      this.#checkSheet(
        interpreter.path(file),
        readSchema(resolve(projectDir, text(inner)), this.#options.files),
        `--${name} (${file})`,
        check.problems,
      );
    }
    this.#warnOfUnknown(values, schema, log);
    if (check.problems.length > 0) {
      throw fault(
        `The following invalid input values have been detected:\n\n${[...new Set(check.problems)].join('\n')}\n`,
        'ScriptRuntimeException',
      );
    }
    return null;
  }

  /** nf-schema's `ignoreParams`: their values are not looked at. */
  #ignored(): string[] {
    return ['defaultIgnoreParams', 'ignoreParams'].flatMap((name) =>
      items(setting(this.#options.config, `validation.${name}`) ?? []).map((one) => text(one)),
    );
  }

  #warnOfUnknown(values: GroovyMap, schema: GroovyMap, log: RunLog): void {
    const known = new Set(this.#properties(schema).map(([name]) => name));
    const ignored = ['help', 'help_full', 'helpFull', 'show_hidden', 'showHidden'];
    const unknown = Array.from(values.keys(), String).filter(
      (name) => !known.has(name) && !ignored.includes(name),
    );
    if (unknown.length > 0)
      log.log(
        'warn',
        'nf-schema',
        `The following invalid input values have been detected:\n\n${unknown.map((name) => `* --${name}: ${text(values.get(name))}`).join('\n')}\n`,
      );
  }

  #checkSheet(file: FilePath, schema: GroovyMap, at: string, problems: string[]): Value[] {
    if (!file.facts()) {
      problems.push(`* ${at}: the file does not exist`);
      return [];
    }
    const rows = readRows(file, schema);
    const check = this.#check(schema);
    check.check(rows, schema, at);
    problems.push(...check.problems);
    return rows;
  }

  /** nf-validation's `channel.fromSamplesheet('input')`: the rows of the sheet that a parameter names. */
  rowsOfParameter(args: readonly Value[]): Iterable<Value> {
    const name = text(args.find((arg) => !(arg instanceof GroovyMap)) ?? null);
    const [, property] = this.#properties(this.#schema(args)).find(([one]) => one === name) ?? [];
    const sheetSchema = property?.get('schema') ?? null;
    if (sheetSchema === null)
      throw fault(
        `The schema of the parameters says of no "${name}" how its sample sheet looks. Give it "schema" there.`,
        'ScriptRuntimeException',
      );
    const file = this.#options.params.get(name) ?? null;
    if (file === null) throw fault(`Give the sample sheet as --${name}.`, 'ScriptRuntimeException');
    return items(this.sampleSheet([file, sheetSchema]));
  }

  /** Each row as a list: the fields of `meta` as a map, then the others in the schema's order. */
  sampleSheet([given, wanted]: readonly Value[]): Value {
    const { files, interpreter, projectDir } = this.#options;
    const file = given instanceof FilePath ? given : interpreter.path(text(given));
    const location = wanted instanceof FilePath ? wanted.location : resolve(projectDir, text(wanted));
    const schema = readSchema(location, files);
    const problems: string[] = [];
    const rows = this.#checkSheet(file, schema, text(file), problems);
    if (problems.length > 0)
      throw fault(
        `The following errors have been detected in ${text(file)}:\n\n${problems.join('\n')}\n`,
        'ScriptRuntimeException',
      );
    return rows.map((row) => this.#converted(row as GroovyMap, schema, dirname(file.location)));
  }

  #converted(row: GroovyMap, schema: GroovyMap, _folder: string): Value {
    const properties = ((schema.get('items') as GroovyMap | undefined)?.get('properties') ??
      new GroovyMap()) as GroovyMap;
    const meta = new GroovyMap();
    const rest: Value[] = [];
    let hasMeta = false;
    for (const [name, property] of properties) {
      const given = row.get(name) ?? null;
      const fallback = (property as GroovyMap).get('default');
      const value = this.#valueOf(
        given === null || given === '' ? (fallback ?? []) : given,
        property as GroovyMap,
      );
      const keys = (property as GroovyMap).get('meta');
      if (keys === undefined) rest.push(value);
      else {
        hasMeta = true;
        for (const key of isCollection(keys) ? items(keys) : [keys]) meta.set(key, value);
      }
    }
    return hasMeta ? [meta, ...rest] : rest;
  }

  #valueOf(value: Value, property: GroovyMap): Value {
    const alternatives = [
      property,
      ...items(property.get('anyOf') ?? []),
      ...items(property.get('oneOf') ?? []),
    ] as GroovyMap[];
    const isPath = alternatives.some((one) =>
      /^(file|directory)-path|^path$/.test(text(one.get('format') ?? '')),
    );
    return isPath && typeof value === 'string'
      ? this.#options.interpreter.path(isUri(value) ? value : value)
      : value;
  }

  /** What differs from the schema's defaults, group by group. */
  summary(args: readonly Value[]): Value {
    const { params } = this.#options;
    const schema = this.#schema(args);
    const made = new GroovyMap();
    for (const group of this.#groups(schema)) {
      const changed = new GroovyMap();
      for (const [name, property] of (group.get('properties') ?? new GroovyMap()) as GroovyMap) {
        const value = params.has(name) ? params.get(name) : null;
        const standard = (property as GroovyMap).get('default') ?? null;
        if (value !== null && value !== '' && value !== false && text(value) !== text(standard))
          changed.set(name, value);
      }
      made.set(text(group.get('title') ?? 'Other parameters'), changed);
    }
    return made;
  }

  summaryText(args: readonly Value[]): Value {
    const lines: string[] = [];
    for (const [title, values] of this.summary(args) as GroovyMap) {
      if ((values as GroovyMap).size === 0) continue;
      lines.push(
        text(title),
        ...Array.from(values as GroovyMap, ([name, value]) => `  ${text(name).padEnd(28)}: ${text(value)}`),
        '',
      );
    }
    return `${lines.join('\n')}\n!! Only displaying parameters that differ from the pipeline defaults !!\n${'-'.repeat(54)}\n`;
  }

  help(args: readonly Value[]): Value {
    const command = args.find((arg) => typeof arg === 'string');
    const lines = command === undefined ? [] : [`Typical pipeline command:`, '', `  ${text(command)}`, ''];
    for (const group of this.#groups(this.#schema(args))) {
      lines.push(text(group.get('title') ?? 'Parameters'));
      for (const [name, property] of (group.get('properties') ?? new GroovyMap()) as GroovyMap) {
        const one = property as GroovyMap;
        if (!truth(one.get('hidden') ?? false))
          lines.push(
            `  --${text(name).padEnd(26)} [${text(one.get('type') ?? 'string')}] ${text(one.get('description') ?? '')}`,
          );
      }
      lines.push('');
    }
    return lines.join('\n');
  }
}

/** Values as a schema sees them: what is not given is not there, nor what is false; paths and durations are texts. */
function plainValues(values: GroovyMap): GroovyMap {
  return GroovyMap.from(
    [...values]
      .filter(([, value]) => truth(value) || equal(value, 0))
      .map(
        ([name, value]) =>
          [
            name,
            typeof value === 'object' &&
            !isCollection(value) &&
            !(value instanceof GroovyMap) &&
            value instanceof FilePath
              ? text(value)
              : value,
          ] as const,
      ),
  );
}

function readRows(file: FilePath, schema: GroovyMap): Value[] {
  const name = text(file.property('name'));
  const content = file.unpacked().toString('utf8');
  if (/\.ya?ml$/.test(name)) return [...items(yamlValue(content))];
  if (/\.json$/.test(name)) return [...items(parseJson(content))];
  const properties = (schema.get('items') as GroovyMap | undefined)?.get('properties');
  const separator = /\.(tsv|txt)$/.test(name) ? '\t' : ',';
  const rows = [
    ...csvRows(content, GroovyMap.of({ header: true, sep: separator, strip: true })),
  ] as GroovyMap[];
  return rows.map((row) =>
    GroovyMap.from(
      Array.from(
        row,
        ([key, cell]) =>
          [key, cellValue(cell, properties instanceof GroovyMap ? properties.get(key) : undefined)] as const,
      ),
    ),
  );
}

/** A cell that must be a text stays one: `001` is no number there. */
function cellValue(cell: Value, property: Value): Value {
  if (cell === '' || cell === null) return null;
  const types =
    property instanceof GroovyMap
      ? isCollection(property.get('type'))
        ? items(property.get('type'))
        : [property.get('type') ?? 'string']
      : [];
  return types.length > 0 && types.every((type) => type === 'string') ? cell : coerceParameter(text(cell));
}
