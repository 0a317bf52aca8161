import { DocumentError, type Position } from '../faults.ts';
import { isObject, type Value, type ValueObject } from '../value.ts';
import type { FaultList } from './fault-list.ts';
import { entries, localName, place } from './fields.ts';
import type { CwlType, InputParameter, OutputParameter } from './model.ts';
import { readParameterFacts, readSecondaryFiles } from './parameter-facts.ts';
import { readSink } from './sink.ts';
import { streamFile } from './tool-reader.ts';
import type { TypeReader } from './types.ts';

/** What stands for a type that cannot be read; its fault is noted, so the process never runs. */
const UNREADABLE: CwlType = { kind: 'Any' };

export interface ParameterContext {
  readonly types: TypeReader;
  readonly faults: FaultList;
  readonly near: Position;
}

/** `resolve` makes the files of a default known by their locations. */
export async function readInputs(
  raw: ValueObject,
  { faults, near, types }: ParameterContext,
  resolve: (value: Value, near: Position) => Promise<Value>,
): Promise<InputParameter[]> {
  const inputs: InputParameter[] = [];
  for (const object of listed(raw, 'inputs', faults, near)) {
    const position = place(object, 'id', near);
    const type = object['type'] === 'stdin' ? 'File' : object['type'];
    const read = faults.attempt(() => types.read(type, place(object, 'type', position))) ?? UNREADABLE;
    const input = await faults.attemptLater(async () => {
      const facts = readParameterFacts(object, position);
      const fallback = facts.default === undefined ? {} : { default: await resolve(facts.default, position) };
      return { ...facts, ...fallback, name: localName(object['id'], position), type: read };
    });
    if (input) inputs.push(input);
  }
  return inputs;
}

export function readOutputs(raw: ValueObject, { faults, near, types }: ParameterContext): OutputParameter[] {
  return listed(raw, 'outputs', faults, near).flatMap((object) => {
    const position = place(object, 'id', near);
    const stream = ['stdout', 'stderr'].find((one) => one === object['type']);
    const type = stream ? 'File' : object['type'];
    const read = faults.attempt(() => types.read(type, place(object, 'type', position))) ?? UNREADABLE;
    return faults.attempt(() => readOutput(raw, object, { type: read, position, stream })) ?? [];
  });
}

function readOutput(
  raw: ValueObject,
  object: ValueObject,
  known: { readonly type: CwlType; readonly position: Position; readonly stream: string | undefined },
): OutputParameter {
  const { position, stream, type } = known;
  const facts = readParameterFacts(object, position, false);
  const binding = stream ? { glob: streamFile(raw, stream) } : object['outputBinding'];
  return {
    name: localName(object['id'], position),
    secondaryFiles: readSecondaryFiles(object['secondaryFiles'], position, false),
    ...{ type, format: facts.format, position },
    ...(facts.doc === undefined ? {} : { doc: facts.doc }),
    ...(isObject(binding) ? { binding } : {}),
    ...(raw['class'] === 'Workflow' ? { sink: readSink(object, 'outputSource', position) } : {}),
  };
}

function listed(
  raw: ValueObject,
  member: 'inputs' | 'outputs',
  faults: FaultList,
  near: Position,
): ValueObject[] {
  const read = () => {
    if (raw[member] === undefined)
      throw new DocumentError(near, `"${member}" is missing; a process without any has [].`);
    return entries(raw[member], 'id', 'type', place(raw, member, near));
  };
  return faults.attempt(read) ?? [];
}
