import { DocumentError, type Position, UnsupportedError } from '../faults.ts';
import { isFileOrDirectory, isObject, listOf, mapFiles, type Value, type ValueObject } from '../value.ts';
import { besides, type Documents, findById, fragmentOf } from './documents.ts';
import { linked } from './links.ts';
import { entries, localName, optionalText, place } from './fields.ts';
import type {
  CommandLineTool,
  CwlVersion,
  OutputParameter,
  Process,
  ProcessBase,
  Requirements,
} from './model.ts';
import { readParameterFacts, readSecondaryFiles } from './parameter-facts.ts';
import { readRequirements } from './requirements.ts';
import { readSteps } from './step-reader.ts';
import { readSink } from './sink.ts';
import { TypeReader } from './types.ts';
import { refuseNewer } from './version-rules.ts';

const VERSIONS: readonly CwlVersion[] = ['v1.0', 'v1.1', 'v1.2'];
const DEPTH = 40;

/** What a process has from the document and the processes around it. */
export interface Surroundings {
  readonly document: Value;
  readonly file: string;
  readonly cwlVersion: CwlVersion | undefined;
  readonly namespaces: ValueObject;
  readonly schemas: readonly string[];
  readonly types: TypeReader;
  readonly depth: number;
}

/** Reads processes of a definition into the 1.2 model. */
export class ProcessReader {
  readonly #documents: Documents;
  /** Absolute folder of the definition: locations of default files lie below it. */
  readonly #root: string;

  constructor(documents: Documents, root: string) {
    this.#documents = documents;
    this.#root = root;
  }

  /** The process of a file: the whole, the one called `fragment`, or `main` of a `$graph`. */
  async open(
    file: string,
    fragment: string | undefined,
    from: Position,
    outer?: Surroundings,
  ): Promise<Process> {
    const document = await this.#documents.load(file, from);
    if (!isObject(document))
      throw new DocumentError({ file, line: 1, column: 1 }, 'This is no CWL document.');
    const own = documentFacts(document, file);
    const around: Surroundings = {
      ...{ document, file, ...own, types: outer?.types ?? new TypeReader() },
      cwlVersion: own.cwlVersion ?? outer?.cwlVersion,
      depth: (outer?.depth ?? 0) + 1,
    };
    return this.read(choose(document, fragment, from), around, fragment ?? file);
  }

  /** What a step runs: a process in place, or a reference to one. */
  async run(value: Value | undefined, around: Surroundings, near: Position, name: string): Promise<Process> {
    if (around.depth > DEPTH) throw new DocumentError(near, 'The workflow runs itself.');
    if (isObject(value)) return this.read(value, { ...around, depth: around.depth + 1 }, name);
    if (typeof value !== 'string')
      throw new DocumentError(near, 'A step needs "run": a process or a reference to one.');
    const { path, fragment } = besides(near.file, value, near);
    if (path === around.file && fragment !== undefined) {
      const found = findById(around.document, fragment);
      if (found) return this.read(found, { ...around, depth: around.depth + 1 }, fragment);
    }
    return this.open(path, fragment, near, { ...around, types: new TypeReader() });
  }

  async read(raw: ValueObject, around: Surroundings, fallbackName: string): Promise<Process> {
    const position = place(raw, undefined, { file: around.file, line: 1, column: 1 });
    const cwlVersion = versionOf(raw, position) ?? around.cwlVersion;
    if (!cwlVersion)
      throw new DocumentError(position, 'cwlVersion is missing. This engine runs v1.0, v1.1 and v1.2.');
    const types = new TypeReader(around.types);
    const requirements = readRequirements(
      raw['requirements'],
      cwlVersion,
      place(raw, 'requirements', position),
    );
    const hints = readRequirements(raw['hints'], cwlVersion, place(raw, 'hints', position));
    refuseNewer(raw, requirements, cwlVersion, position);
    for (const one of [hints, requirements])
      types.define(one.get('SchemaDefRequirement')?.['types'], position);
    const inner: Surroundings = { ...around, cwlVersion, types };
    const base: ProcessBase = {
      name: typeof raw['id'] === 'string' ? fragmentOf(raw['id']) : fallbackName,
      cwlVersion,
      inputs: await this.#inputs(raw, inner, position),
      outputs: readOutputs(raw, types, position),
      requirements: await this.#withFiles(requirements, position),
      hints: withVersionHints(await this.#withFiles(hints, position), cwlVersion),
      namespaces: around.namespaces,
      schemas: around.schemas,
      position,
    };
    return this.#ofClass(raw, base, inner, position);
  }

  async #ofClass(
    raw: ValueObject,
    base: ProcessBase,
    around: Surroundings,
    position: Position,
  ): Promise<Process> {
    switch (raw['class']) {
      case 'CommandLineTool':
        return readTool(raw, base);
      case 'ExpressionTool': {
        const expression = optionalText(raw, 'expression', position);
        if (expression === undefined)
          throw new DocumentError(position, 'An ExpressionTool needs "expression".');
        return { ...base, class: 'ExpressionTool', expression };
      }
      case 'Workflow':
        return linked({ ...base, class: 'Workflow', steps: await readSteps(this, raw, base, around) });
      case 'Operation':
        throw new UnsupportedError(
          place(raw, 'class', position),
          'An Operation is abstract: it has nothing that could be run.',
        );
      default:
        throw new DocumentError(
          place(raw, 'class', position),
          `"class" is ${JSON.stringify(raw['class'] ?? null)}; it must be CommandLineTool, ExpressionTool or Workflow.`,
        );
    }
  }

  async #inputs(raw: ValueObject, { types }: Surroundings, near: Position) {
    const inputs = [];
    if (raw['inputs'] === undefined)
      throw new DocumentError(near, '"inputs" is missing; a process without any has [].');
    for (const object of entries(raw['inputs'], 'id', 'type', place(raw, 'inputs', near))) {
      const position = place(object, 'id', near);
      const facts = readParameterFacts(object, position);
      const type = object['type'] === 'stdin' ? 'File' : object['type'];
      inputs.push({
        ...facts,
        name: localName(object['id'], position),
        type: types.read(type, place(object, 'type', position)),
        ...(facts.default === undefined ? {} : { default: await this.defaultValue(facts.default, position) }),
      });
    }
    return inputs;
  }

  /** Files that are named in InitialWorkDirRequirement are named relative to the document too. */
  async #withFiles(requirements: Requirements, near: Position): Promise<Requirements> {
    const found = requirements.get('InitialWorkDirRequirement');
    if (found?.['listing'] === undefined) return requirements;
    const listing = await this.defaultValue(found['listing'], near);
    return new Map([...requirements, ['InitialWorkDirRequirement', { ...found, listing }]]);
  }

  /** Files of a default are named relative to the document. */
  async defaultValue(value: Value, near: Position): Promise<Value> {
    return mapFiles(value, async (file) => {
      const changed: ValueObject = { ...file };
      const reference = file['location'] ?? file['path'];
      if (
        typeof reference === 'string' &&
        !/^[a-z][a-z0-9+.-]*:/i.test(reference) &&
        !reference.startsWith('/')
      ) {
        const plain = file['location'] === undefined ? reference : decodeURIComponent(reference);
        const folder = near.file.includes('/') ? near.file.slice(0, near.file.lastIndexOf('/') + 1) : '';
        changed['location'] = new URL(`file://${encodePath(`${this.#root}/${folder}${plain}`)}`).href;
        delete changed['path'];
      }
      for (const name of ['secondaryFiles', 'listing']) {
        if (Array.isArray(file[name])) changed[name] = await this.defaultValue(file[name], near);
      }
      return changed;
    });
  }
}

export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function choose(document: ValueObject, fragment: string | undefined, from: Position): ValueObject {
  const graph = document['$graph'];
  if (graph === undefined && (fragment === undefined || fragmentOf(String(document['id'])) === fragment))
    return document;
  const wanted = fragment ?? 'main';
  const found = findById(graph ?? document, wanted);
  if (found) return found;
  throw new DocumentError(from, `The document has no process called ${wanted}. Name one: file.cwl#name.`);
}

function documentFacts(document: ValueObject, file: string) {
  const at = { file, line: 1, column: 1 };
  const cwlVersion = versionOf(document, place(document, 'cwlVersion', at));
  const namespaces = isObject(document['$namespaces']) ? document['$namespaces'] : {};
  const schemas = listOf(document['$schemas'])
    .filter((one): one is string => typeof one === 'string' && !/^https?:/.test(one))
    .map((one) => besides(file, one, at).path);
  return { cwlVersion, namespaces, schemas };
}

function versionOf(raw: ValueObject, position: Position): CwlVersion | undefined {
  const written = raw['cwlVersion'];
  if (written === undefined || written === null) return undefined;
  const found = VERSIONS.find((version) => version === written);
  if (found) return found;
  throw new UnsupportedError(
    place(raw, 'cwlVersion', position),
    `cwlVersion ${JSON.stringify(written)} is not supported; this engine runs v1.0, v1.1 and v1.2.`,
  );
}

/** 1.0 loads listings deeply and lets tools use the network; from 1.1 on both must be asked for. */
function withVersionHints(hints: Requirements, version: CwlVersion): Requirements {
  if (version !== 'v1.0') return hints;
  return new Map([
    ['LoadListingRequirement', { class: 'LoadListingRequirement', loadListing: 'deep_listing' }],
    ['NetworkAccess', { class: 'NetworkAccess', networkAccess: true }],
    ...hints,
  ]);
}

function readOutputs(raw: ValueObject, types: TypeReader, near: Position): OutputParameter[] {
  if (raw['outputs'] === undefined)
    throw new DocumentError(near, '"outputs" is missing; a process without any has [].');
  return entries(raw['outputs'], 'id', 'type', place(raw, 'outputs', near)).map((object) => {
    const position = place(object, 'id', near);
    const stream = ['stdout', 'stderr'].find((one) => one === object['type']);
    const facts = readParameterFacts(object, position, false);
    const binding = stream ? { glob: streamFile(raw, stream) } : object['outputBinding'];
    return {
      name: localName(object['id'], position),
      type: types.read(stream ? 'File' : object['type'], place(object, 'type', position)),
      secondaryFiles: readSecondaryFiles(object['secondaryFiles'], position, false),
      ...{ format: facts.format, position },
      ...(facts.doc === undefined ? {} : { doc: facts.doc }),
      ...(isObject(binding) ? { binding } : {}),
      ...(raw['class'] === 'Workflow' ? { sink: readSink(object, 'outputSource') } : {}),
    };
  });
}

/** "If stdout is not given, a random filename is generated": it depends on the tool's position alone, so a replay has it too. */
function streamFile(raw: ValueObject, stream: string): string {
  const given = raw[stream];
  return typeof given === 'string' ? given : `.${stream}.captured`;
}

function readTool(raw: ValueObject, base: ProcessBase): CommandLineTool {
  const { position } = base;
  const streamed = (stream: 'stdout' | 'stderr') => {
    const given = optionalText(raw, stream, position);
    const asked = entries(raw['outputs'], 'id', 'type', position).some(({ type }) => type === stream);
    const name = given ?? (asked ? streamFile(raw, stream) : undefined);
    return name === undefined ? {} : { [stream]: name };
  };
  const input = entries(raw['inputs'], 'id', 'type', position).find(({ type }) => type === 'stdin');
  const given = optionalText(raw, 'stdin', position);
  const stdin = input ? `$(inputs.${localName(input['id'], position)}.path)` : given;
  return {
    ...base,
    class: 'CommandLineTool',
    baseCommand: listOf(raw['baseCommand']).map(String),
    arguments: readArguments(raw, position),
    ...(stdin === undefined ? {} : { stdin }),
    ...streamed('stdout'),
    ...streamed('stderr'),
    successCodes: codes(raw['successCodes']),
    temporaryFailCodes: codes(raw['temporaryFailCodes']),
    permanentFailCodes: codes(raw['permanentFailCodes']),
  };
}

function readArguments(raw: ValueObject, near: Position): (string | ValueObject)[] {
  return listOf(raw['arguments']).map((argument) => {
    if (isObject(argument) && !isFileOrDirectory(argument)) return argument;
    if (typeof argument === 'string') return argument;
    throw new DocumentError(place(raw, 'arguments', near), 'Each of "arguments" is a string or a binding.');
  });
}

function codes(value: Value | undefined): number[] {
  return listOf(value).filter((one) => typeof one === 'number');
}
