import { posix } from 'node:path';
import { isUri } from '../../files/files.ts';
import { FilePath } from '../../values/path.ts';
import { text } from '../../values/text.ts';
import type { Value } from '../../values/value.ts';
import type { Entity } from './crate-entity.ts';
import { plain, type ProvenRun } from './record.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly default?: unknown;
  readonly description?: string;
}

interface Section {
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Parameters {
  /** What the workflow can be given, and what this run was given. */
  readonly formal: readonly Entity[];
  readonly values: readonly Entity[];
  /** Local files that a parameter names: they go into the crate. */
  readonly files: readonly FilePath[];
}

/** The run's parameters, typed by `nextflow_schema.json` where it has them and by their values elsewhere. */
export function crateParameters(run: ProvenRun): Parameters {
  const schemas = parameterSchemas(run);
  const given = Array.from(run.params, ([key, value]) => ({ name: text(key), value })).filter(
    ({ value }) => value !== null,
  );
  return {
    formal: given.map(({ name, value }): Entity => {
      const schema = schemas[name];
      return {
        ...{ '@id': `#param/${name}`, '@type': 'FormalParameter', name, description: schema?.description },
        conformsTo: { '@id': 'https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE' },
        ...{ additionalType: typeOf(value, schema), defaultValue: schema?.default },
      };
    }),
    values: given.map(({ name, value }): Entity => {
      const shown = plain(value);
      return {
        ...{ '@id': `#param/${name}/value`, '@type': 'PropertyValue', name },
        exampleOfWork: { '@id': `#param/${name}` },
        value: typeof shown === 'object' ? JSON.stringify(shown) : shown,
      };
    }),
    files: given.flatMap(({ name, value }) => {
      if (typeOf(value, schemas[name]) !== 'File') return [];
      const written = value instanceof FilePath ? value.absolute : text(value);
      if (written === '' || isUri(written)) return [];
      const path = posix.resolve(run.launchDir, written);
      return run.files.stat(path)?.isDirectory === false ? [new FilePath(run.files, path)] : [];
    }),
  };
}

function parameterSchemas({ files, projectDir, warn }: ProvenRun): Readonly<Record<string, Schema>> {
  const path = posix.join(projectDir, 'nextflow_schema.json');
  if (!files.stat(path)) return {};
  try {
    const schema = JSON.parse(files.read(path).toString('utf8')) as Section &
      Readonly<Record<string, Readonly<Record<string, Section>>>>;
    const sections = Object.values(schema['$defs'] ?? schema['defs'] ?? schema['definitions'] ?? {});
    return Object.assign({}, ...[schema, ...sections].map(({ properties = {} }) => properties));
  } catch (error) {
    warn(`${path} is not JSON, so parameters are described by their values: ${(error as Error).message}`);
    return {};
  }
}

/** schema.org's types, as the run crate profile wants them. */
function typeOf(value: Value, schema: Schema | undefined): string {
  const [type] = [schema?.type ?? []].flat().filter((one) => one !== 'null');
  if (type === 'boolean') return 'Boolean';
  if (type === 'integer' || type === 'number') return 'Number';
  if (type === 'string' && schema?.format === 'file-path') return 'File';
  if (type === 'string' && schema?.format === 'directory-path') return 'Dataset';
  if (value instanceof FilePath) return value.facts()?.isDirectory === true ? 'Dataset' : 'File';
  const shown = plain(value);
  return typeof shown === 'boolean' ? 'Boolean' : typeof shown === 'number' ? 'Number' : 'Text';
}
