import { DocumentError, type Position, UnsupportedError } from '../faults.ts';
import { isObject, mapFiles, type Value, type ValueObject } from '../value.ts';
import { checkRequirements, checkShape } from './check-shape.ts';
import { chooseProcess, definitionFacts } from './definition-facts.ts';
import { besides, type Documents, findById, fragmentOf } from './documents.ts';
import { FaultList } from './fault-list.ts';
import { type Features, noteOutputFeatures, withFeatures } from './features.ts';
import { optionalText, place } from './fields.ts';
import { linked } from './links.ts';
import type { CwlVersion, Process, ProcessBase, Requirements } from './model.ts';
import { readInputs, readOutputs } from './parameter-readers.ts';
import { readRequirements } from './requirements.ts';
import { readSteps } from './step-reader.ts';
import { readTool } from './tool-reader.ts';
import { TypeReader } from './types.ts';
import { refuseNewer } from './version-rules.ts';
import { versionOf } from './versions.ts';

const DEPTH = 40;

/** What a process has from the document and the processes around it. */
export interface Surroundings {
  readonly document: Value;
  readonly file: string;
  readonly cwlVersion: CwlVersion | undefined;
  readonly namespaces: ValueObject;
  readonly schemas: readonly string[];
  readonly types: TypeReader;
  readonly features: Features;
  readonly depth: number;
}

/** Reads processes of a definition into the 1.2 model. */
export class ProcessReader {
  /** What was wrong with what was read; such a process must not run. */
  readonly faults = new FaultList();
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
    const own = definitionFacts(document, file);
    const around: Surroundings = {
      ...{ document, file, ...own, types: outer?.types ?? new TypeReader() },
      features: outer?.features ?? new Set(),
      cwlVersion: own.cwlVersion ?? outer?.cwlVersion,
      depth: (outer?.depth ?? 0) + 1,
    };
    return this.read(chooseProcess(document, fragment, from), around, fragment ?? file);
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
    const { faults } = this;
    const position = place(raw, undefined, { file: around.file, line: 1, column: 1 });
    const cwlVersion = versionOf(raw, position) ?? around.cwlVersion;
    if (!cwlVersion)
      throw new DocumentError(position, 'cwlVersion is missing. This engine runs v1.0, v1.1 and v1.2.');
    const types = new TypeReader(around.types);
    const requirements = this.#requirements(raw, 'requirements', cwlVersion, position);
    const hints = this.#requirements(raw, 'hints', cwlVersion, position);
    faults.attempt(() => refuseNewer(raw, requirements, cwlVersion, position));
    for (const one of [hints, requirements])
      faults.attempt(() => types.define(one.get('SchemaDefRequirement')?.['types'], position));
    const features = withFeatures(around.features, requirements, hints);
    const inner: Surroundings = { ...around, cwlVersion, types, features };
    const parameters = { types, faults, near: position };
    const base: ProcessBase = {
      name: typeof raw['id'] === 'string' ? fragmentOf(raw['id']) : fallbackName,
      cwlVersion,
      inputs: await readInputs(raw, parameters, (value, near) => this.defaultValue(value, near)),
      outputs: readOutputs(raw, parameters),
      requirements: await this.#withFiles(requirements, position),
      hints: withVersionHints(await this.#withFiles(hints, position), cwlVersion),
      namespaces: around.namespaces,
      schemas: around.schemas,
      ...{ source: raw, position },
    };
    return this.#ofClass(raw, base, inner);
  }

  async #ofClass(raw: ValueObject, base: ProcessBase, around: Surroundings): Promise<Process> {
    const { cwlVersion, position } = base;
    checkShape(raw, String(raw['class']), { version: cwlVersion, faults: this.faults, near: position });
    switch (raw['class']) {
      case 'CommandLineTool':
        return readTool(raw, base);
      case 'ExpressionTool': {
        const expression = optionalText(raw, 'expression', position);
        if (expression === undefined)
          throw new DocumentError(position, 'An ExpressionTool needs "expression".');
        return { ...base, class: 'ExpressionTool', expression };
      }
      case 'Workflow': {
        const steps = await readSteps(this, raw, base, around);
        noteOutputFeatures(base.outputs, around.features, this.faults);
        return linked({ ...base, class: 'Workflow', steps }, this.faults);
      }
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

  #requirements(
    raw: ValueObject,
    member: 'requirements' | 'hints',
    version: CwlVersion,
    position: Position,
  ): Requirements {
    const near = place(raw, member, position);
    checkRequirements(raw[member], member, { version, faults: this.faults, near });
    return this.faults.attempt(() => readRequirements(raw[member], near)) ?? new Map();
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
      if (typeof reference === 'string' && isRelative(reference)) {
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

function isRelative(reference: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:/i.test(reference) && !reference.startsWith('/');
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
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
