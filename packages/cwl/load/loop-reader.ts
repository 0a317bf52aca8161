import { DocumentError, type Position } from '../faults.ts';
import { listOf, type Value, type ValueObject } from '../value.ts';
import { entries, localName, oneOf, optionalText, place } from './fields.ts';
import type { Loop, LoopInput, Requirements } from './model.ts';
import { readSink } from './sink.ts';

/** A step's loop, as `cwltool:Loop` or as CWL 1.3 writes it: its `when` is then asked before each iteration. */
export function readLoop(
  step: ValueObject,
  requirements: Requirements,
  when: string | undefined,
  near: Position,
): Loop | undefined {
  const extension = requirements.get('Loop');
  if (!extension && step['loop'] === undefined) return undefined;
  if (listOf(step['scatter']).length > 0)
    throw new DocumentError(
      near,
      'A step cannot have both "scatter" and a loop; put the loop into a workflow.',
    );
  return extension ? readExtension(extension, when, near) : readOwn(step, when, near);
}

function readExtension(extension: ValueObject, when: string | undefined, near: Position): Loop {
  if (when !== undefined) throw new DocumentError(near, 'A step cannot have both "when" and cwltool:Loop.');
  const condition = optionalText(extension, 'loopWhen', near);
  if (condition === undefined) throw new DocumentError(near, 'cwltool:Loop needs "loopWhen".');
  const method = oneOf(extension, 'outputMethod', ['last', 'all'], near) ?? 'last';
  return { when: condition, inputs: readLoopInputs(extension['loop'], near), collects: method };
}

function readOwn(step: ValueObject, when: string | undefined, near: Position): Loop {
  if (when === undefined)
    throw new DocumentError(near, '"loop" needs "when": it is asked before each iteration.');
  const method = oneOf(step, 'outputMethod', ['last_iteration', 'all_iterations'], near);
  const collects = method === 'all_iterations' ? 'all' : 'last';
  return { when, inputs: readLoopInputs(step['loop'], place(step, 'loop', near)), collects };
}

function readLoopInputs(value: Value | undefined, near: Position): LoopInput[] {
  return entries(value, 'id', 'loopSource', near).map((input) => {
    const position = place(input, 'id', near);
    const valueFrom = optionalText(input, 'valueFrom', position);
    const given = input['default'];
    // CWL 1.3 has the extension's loopSource under another name.
    const { sources, ...sink } = readSink(
      input,
      input['outputSource'] === undefined ? 'loopSource' : 'outputSource',
      position,
    );
    return {
      ...{ ...sink, sources: sources.map((source) => localName(source, position)) },
      name: localName(input['id'], position),
      ...(valueFrom === undefined ? {} : { valueFrom }),
      ...(given === undefined ? {} : { default: given }),
    };
  });
}
