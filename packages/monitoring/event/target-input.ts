import type { Target } from '@aws-sdk/client-eventbridge';
import type { BusEvent } from './bus-event.ts';
import { errors } from './errors.ts';
import { parsePath, valueAt } from './json-path.ts';

type Shaping = Pick<Target, 'Id' | 'Input' | 'InputPath' | 'InputTransformer'>;

/** What a target is sent for an event. */
export type TargetInput = (event: BusEvent, rule: { readonly arn: string; readonly name: string }) => string;

/** Throws ValidationException where the target asks for more than one shaping, or for one that cannot be. */
export function compileTargetInput(target: Shaping): TargetInput {
  const { Input, InputPath, InputTransformer } = target;
  const id = target.Id!;
  const given = [Input, InputPath, InputTransformer].filter((one) => one !== undefined);
  if (given.length > 1) throw errors.oneInput({ id });
  if (Input !== undefined) return constant(id, Input);
  if (InputPath !== undefined) {
    const steps = pathOf(id, InputPath);
    return (event) => JSON.stringify(valueAt(event, steps) ?? null);
  }
  if (InputTransformer)
    return transformer(id, InputTransformer.InputPathsMap ?? {}, InputTransformer.InputTemplate!);
  return (event) => JSON.stringify(event);
}

function constant(id: string, text: string): TargetInput {
  parsed(id, 'Input', text);
  return () => text;
}

/** `<name>` within quotes is text, elsewhere JSON; a name without a value leaves nothing. */
function transformer(id: string, paths: Readonly<Record<string, string>>, template: string): TargetInput {
  const steps = new Map(Object.entries(paths).map(([name, path]) => [name, pathOf(id, path)] as const));
  const pieces = pieceTemplate(template);
  for (const { name } of pieces) {
    if (name !== undefined && !steps.has(name) && !name.startsWith('aws.events.')) {
      throw errors.badInput({ id, reason: `InputTemplate names <${name}>, which InputPathsMap lacks` });
    }
  }
  const fill: TargetInput = (event, rule) =>
    pieces
      .map(({ inText, name, text }) => {
        if (name === undefined) return text;
        const known = steps.get(name);
        const value = known ? valueAt(event, known) : reserved(name, event, rule);
        return inText ? withinText(value) : value === undefined ? '""' : JSON.stringify(value);
      })
      .join('');
  return fill;
}

interface Piece {
  readonly text: string;
  readonly name?: string;
  readonly inText: boolean;
}

function pieceTemplate(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let inText = false;
  let text = '';
  for (let at = 0; at < template.length; at += 1) {
    const variable = /^<([\w.-]+)>/.exec(template.slice(at, at + 300));
    if (variable) {
      pieces.push({ text, inText }, { text: '', name: variable[1]!, inText });
      text = '';
      at += variable[0].length - 1;
      continue;
    }
    if (template[at] === '\\') text += template[at++]!;
    else if (template[at] === '"') inText = !inText;
    text += template[at] ?? '';
  }
  return [...pieces, { text, inText }];
}

function withinText(value: unknown): string {
  if (value === undefined) return '';
  return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
}

/** The names that need no path. */
function reserved(
  name: string,
  event: BusEvent,
  rule: { readonly arn: string; readonly name: string },
): unknown {
  const { detail: _detail, ...withoutDetail } = event;
  const values: Readonly<Record<string, unknown>> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': event.time,
    'aws.events.event': withoutDetail,
    'aws.events.event.json': event,
  };
  return values[name];
}

function pathOf(id: string, path: string): readonly (string | number)[] {
  const steps = parsePath(path);
  if (!steps) throw errors.badInput({ id, reason: `"${path}" is not a JSON path like $.detail.name` });
  return steps;
}

function parsed(id: string, what: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw errors.badInput({ id, reason: `${what} is not JSON: ${(error as Error).message}` });
  }
}
