import { DocumentError, type Position } from '../faults.ts';
import { isFileOrDirectory, isObject, listOf, type Value, type ValueObject } from '../value.ts';
import { entries, localName, optionalText, place } from './fields.ts';
import type { CommandLineTool, ProcessBase } from './model.ts';

export function readTool(raw: ValueObject, base: ProcessBase): CommandLineTool {
  const { position } = base;
  const stdin = readStdin(raw, position);
  return {
    ...base,
    class: 'CommandLineTool',
    baseCommand: listOf(raw['baseCommand']).map(String),
    arguments: readArguments(raw, position),
    ...(stdin === undefined ? {} : { stdin }),
    ...readStream(raw, 'stdout', position),
    ...readStream(raw, 'stderr', position),
    successCodes: codes(raw['successCodes']),
    temporaryFailCodes: codes(raw['temporaryFailCodes']),
    permanentFailCodes: codes(raw['permanentFailCodes']),
  };
}

/** `type: stdin` is a File that is also the standard input. */
function readStdin(raw: ValueObject, position: Position): string | undefined {
  const input = entries(raw['inputs'], 'id', 'type', position).find(({ type }) => type === 'stdin');
  const given = optionalText(raw, 'stdin', position);
  return input ? `$(inputs.${localName(input['id'], position)}.path)` : given;
}

function readStream(raw: ValueObject, stream: 'stdout' | 'stderr', position: Position) {
  const given = optionalText(raw, stream, position);
  const asked = entries(raw['outputs'], 'id', 'type', position).some(({ type }) => type === stream);
  const name = given ?? (asked ? streamFile(raw, stream) : undefined);
  return name === undefined ? {} : { [stream]: name };
}

/** "If stdout is not given, a random filename is generated": it depends on the tool's position alone, so a replay has it too. */
export function streamFile(raw: ValueObject, stream: string): string {
  const given = raw[stream];
  return typeof given === 'string' ? given : `.${stream}.captured`;
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
