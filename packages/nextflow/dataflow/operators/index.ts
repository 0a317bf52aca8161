import { illegalArgument } from '../../values/errors.ts';
import type { Value } from '../../values/value.ts';
import type { Channel } from '../channel.ts';
import { collecting } from './collect-file.ts';
import { combining } from './combining.ts';
import { grouping } from './grouping.ts';
import { observing } from './observing.ts';
import { type Operator, operatorArguments } from './operator.ts';
import { reducing } from './reducing.ts';
import { selecting } from './selecting.ts';
import { splitting } from './splitting.ts';
import { transforming } from './transforming.ts';

const SPLIT = [
  'by',
  'each',
  'limit',
  'elem',
  'record',
  'file',
  'compress',
  'decompress',
  'charset',
  'into',
  'autoClose',
];
/** The options of each operator that has any. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  buffer: ['size', 'skip', 'remainder'],
  collect: ['flat', 'sort'],
  collectFile: [
    'name',
    'storeDir',
    'newLine',
    'seed',
    'sort',
    'keepHeader',
    'skip',
    'tempDir',
    'cache',
    'deleteTempFilesOnClose',
  ],
  combine: ['by', 'flat'],
  dump: ['tag', 'pretty'],
  groupTuple: ['by', 'size', 'sort', 'remainder'],
  join: ['by', 'remainder', 'failOnDuplicate', 'failOnMismatch'],
  subscribe: ['onNext', 'onComplete', 'onError'],
  transpose: ['by', 'remainder'],
  view: ['newLine', 'tag'],
  splitCsv: [...SPLIT, 'sep', 'strip', 'header', 'quote', 'skip'],
  splitFasta: [...SPLIT, 'size'],
  splitFastq: [...SPLIT, 'pe'],
  splitText: [...SPLIT, 'keepHeader'],
  splitJson: [...SPLIT, 'path'],
  countLines: SPLIT,
  countFasta: SPLIT,
  countFastq: SPLIT,
  countJson: SPLIT,
};

const OPERATORS: Readonly<Record<string, Operator>> = {
  ...selecting,
  ...transforming,
  ...reducing,
  ...grouping,
  ...combining,
  ...splitting,
  ...observing,
  ...collecting,
};

/** Of DSL1, and what stands for them now. */
const GONE: Readonly<Record<string, string>> = {
  into: 'A channel can be read as often as you like now: leave "into" out.',
  choice: 'Use "branch".',
  separate: 'Use "multiMap".',
  spread: 'Use "combine".',
  phase: 'Use "join".',
  close: 'Channels close by themselves.',
  countBy: 'Use "groupTuple" or a closure over "collect".',
  print: 'Use "view".',
  println: 'Use "view".',
  route: 'Use "branch".',
};

export function operatorNames(): Iterable<string> {
  return Object.keys(OPERATORS);
}

export function isOperator(name: string): boolean {
  return Object.hasOwn(OPERATORS, name);
}

/** Applies the operator of that name; undefined where there is none. */
export function applyOperator(source: Channel, name: string, args: readonly Value[]): Value | undefined {
  if (Object.hasOwn(GONE, name))
    throw illegalArgument(`The operator "${name}" is not there any more. ${GONE[name]}`);
  if (!isOperator(name)) return undefined;
  const given = operatorArguments(name, args, OPTIONS[name] ?? []);
  const { graph } = source.network;
  return graph.operator(name, [source, ...given.positional], () => OPERATORS[name]!(source, given, name));
}
