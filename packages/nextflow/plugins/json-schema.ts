import { parseJson } from '../evaluate/classes/json.ts';
import { isCollection, items } from '../evaluate/items.ts';
import type { Files } from '../files/files.ts';
import { compare, equal } from '../values/compare.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { isInteger, isNumber } from '../values/number.ts';
import { Pattern } from '../values/pattern.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';

/** Keywords that say nothing about whether a value is valid. */
const ANNOTATIONS = new Set([
  ...[
    '$schema',
    '$id',
    'title',
    'description',
    'default',
    'fa_icon',
    'help_text',
    'hidden',
    'errorMessage',
    'meta',
  ],
  ...[
    'mimetype',
    'schema',
    'deprecated',
    'examples',
    '$comment',
    'definitions',
    '$defs',
    'version',
    'header',
    'defs',
  ],
]);

export function readSchema(path: string, files: Files): GroovyMap {
  if (!files.stat(path)) throw fault(`There is no schema ${path}.`, 'NoSuchFileException');
  const schema = parseJson(files.read(path).toString('utf8'));
  if (schema instanceof GroovyMap) return schema;
  throw fault(`The schema ${path} is not an object.`);
}

/** What is wrong with a value by a schema of draft 7 or 2020-12, as nf-schema uses them; a keyword that is not known is refused. */
export class SchemaCheck {
  readonly problems: string[] = [];
  readonly #root: GroovyMap;
  readonly #exists: (path: string) => 'file' | 'directory' | undefined;

  constructor(root: GroovyMap, exists: (path: string) => 'file' | 'directory' | undefined) {
    this.#root = root;
    this.#exists = exists;
  }

  check(value: Value, schema: Value, at: string): void {
    if (schema === true || schema === undefined) return;
    if (!(schema instanceof GroovyMap)) {
      this.#tell(schema, at, 'is not allowed');
      return;
    }
    for (const [name, given] of schema) this.#keyword(String(name), given, value, schema, at);
  }

  /** Whether it is valid, without telling. */
  fits(value: Value, schema: Value): boolean {
    const inner = new SchemaCheck(this.#root, this.#exists);
    inner.check(value, schema, '');
    return inner.problems.length === 0;
  }

  #tell(schema: Value, at: string, problem: string): void {
    const own = schema instanceof GroovyMap ? schema.get('errorMessage') : undefined;
    this.problems.push(`* ${at}: ${own === undefined ? problem : text(own)}`);
  }

  #keyword(name: string, given: Value, value: Value, schema: GroovyMap, at: string): void {
    const refuse = (problem: string) => this.#tell(schema, at, `${shown(value)} ${problem}`);
    switch (name) {
      case '$ref':
        this.check(value, this.#resolve(text(given)), at);
        return;
      case 'type':
        if (!(isCollection(given) ? items(given) : [given]).some((type) => isOfType(value, text(type))))
          refuse(`is not of the type ${text(given)}`);
        return;
      case 'enum':
        if (!items(given).some((one) => equal(one, value)))
          refuse(
            `is not one of ${items(given)
              .map((one) => text(one))
              .join(', ')}`,
          );
        return;
      case 'const':
        if (!equal(given, value)) refuse(`is not ${text(given)}`);
        return;
      case 'pattern':
        if (typeof value === 'string' && !Pattern.of(text(given)).finds(value))
          refuse(`does not match the pattern ${text(given)}`);
        return;
      case 'minLength':
        if (typeof value === 'string' && value.length < Number(given))
          refuse(`is shorter than ${text(given)}`);
        return;
      case 'maxLength':
        if (typeof value === 'string' && value.length > Number(given))
          refuse(`is longer than ${text(given)}`);
        return;
      case 'minimum':
        if (isNumber(value) && compare(value, given) < 0) refuse(`is less than ${text(given)}`);
        return;
      case 'maximum':
        if (isNumber(value) && compare(value, given) > 0) refuse(`is more than ${text(given)}`);
        return;
      case 'required':
        for (const key of items(given))
          if (value instanceof GroovyMap && isAbsent(value.get(key)))
            this.#tell(schema, at, `Missing required parameter or field: ${text(key)}`);
        return;
      case 'properties':
        if (value instanceof GroovyMap && given instanceof GroovyMap)
          for (const [key, inner] of given)
            if (!isAbsent(value.get(key)))
              this.check(value.get(key), inner, at === '' ? `--${text(key)}` : `${at} -> ${text(key)}`);
        return;
      case 'items':
        for (const [index, item] of (isCollection(value) ? items(value) : []).entries())
          this.check(item, given, `${at} entry ${index + 1}`);
        return;
      case 'minItems':
        if (isCollection(value) && items(value).length < Number(given))
          refuse(`has fewer than ${text(given)} entries`);
        return;
      case 'allOf':
        for (const inner of items(given)) this.check(value, inner, at);
        return;
      case 'anyOf':
        if (!items(given).some((inner) => this.fits(value, inner))) refuse('fits none of what is allowed');
        return;
      case 'oneOf':
        if (items(given).filter((inner) => this.fits(value, inner)).length !== 1)
          refuse('does not fit exactly one of what is allowed');
        return;
      case 'not':
        if (this.fits(value, given)) refuse('is not allowed');
        return;
      case 'if':
        this.check(
          value,
          this.fits(value, given) ? (schema.get('then') ?? true) : (schema.get('else') ?? true),
          at,
        );
        return;
      case 'dependentRequired':
        if (value instanceof GroovyMap && given instanceof GroovyMap)
          for (const [key, wanted] of given)
            if (!isAbsent(value.get(key)))
              for (const other of items(wanted))
                if (isAbsent(value.get(other))) this.#tell(schema, at, `${text(key)} needs ${text(other)}`);
        return;
      case 'uniqueEntries':
        this.#unique(given, value, schema, at);
        return;
      case 'format':
        this.#format(text(given), value, schema, at);
        return;
      case 'exists':
        if (truth(given) && typeof value === 'string' && this.#exists(value) === undefined)
          refuse('does not exist');
        return;
      case 'then':
      case 'else':
      case 'additionalProperties':
      case 'unique':
      case 'uniqueItems':
        return;
      default:
        if (!ANNOTATIONS.has(name))
          throw fault(`The keyword "${name}" of the schema (${at || 'at its top'}) is not supported.`);
    }
  }

  #format(format: string, value: Value, schema: GroovyMap, at: string): void {
    // Whether a path exists is said by `exists`; a URI is left to whoever opens it.
    if (
      typeof value !== 'string' ||
      value === '' ||
      !['file-path', 'directory-path'].includes(format) ||
      /^[a-z0-9+.-]+:\/\//i.test(value)
    )
      return;
    const found = this.#exists(value);
    if (format === 'directory-path' && found === 'file')
      this.#tell(schema, at, `${value} is a file, not a folder`);
    if (format === 'file-path' && found === 'directory')
      this.#tell(schema, at, `${value} is a folder, not a file`);
  }

  #unique(given: Value, value: Value, schema: GroovyMap, at: string): void {
    const seen: Value[] = [];
    for (const row of isCollection(value) ? items(value) : []) {
      const key = items(given).map((name) => (row as GroovyMap).get(name) ?? null);
      if (key.every(isAbsent)) continue;
      if (seen.some((one) => equal(one, key)))
        this.#tell(schema, at, `the combination ${key.map((one) => text(one)).join(', ')} is there twice`);
      seen.push(key);
    }
  }

  #resolve(reference: string): Value {
    let at: Value = this.#root;
    for (const step of reference.replace(/^#\/?/, '').split('/').filter(Boolean))
      at = at instanceof GroovyMap ? (at.get(step) ?? null) : null;
    if (at === null) throw fault(`The schema has nothing at ${reference}.`);
    return at;
  }
}

function isAbsent(value: Value): boolean {
  return value === undefined || value === null || value === '';
}

function shown(value: Value): string {
  return `'${text(value)}'`;
}

function isOfType(value: Value, type: string): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return isInteger(value);
    case 'number':
      return isNumber(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return isCollection(value);
    case 'object':
      return value instanceof GroovyMap;
    default:
      return type === 'null' && value === null;
  }
}
