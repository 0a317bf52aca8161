import type { Methods } from '../evaluate/methods/method.ts';
import { Closure } from '../values/closure.ts';
import { GroovyMap } from '../values/map.ts';
import type { Value } from '../values/value.ts';
import { type SplitterName, splitValue } from './split.ts';

const COUNTED = { countFasta: 'splitFasta', countFastq: 'splitFastq', countJson: 'splitJson' } as const;

/** `text.splitCsv(header: true)` and its like, of texts and files: the pieces as a list. */
export const splitMethods: Methods<Value> = {
  splitCsv: (self, args) => pieces(self, 'splitCsv', args),
  splitText: (self, args) => pieces(self, 'splitText', args),
  splitFasta: (self, args) => pieces(self, 'splitFasta', args),
  splitFastq: (self, args) => pieces(self, 'splitFastq', args),
  splitJson: (self, args) => pieces(self, 'splitJson', args),
  countFasta: (self, args) => pieces(self, COUNTED.countFasta, args).length,
  countFastq: (self, args) => pieces(self, COUNTED.countFastq, args).length,
  countJson: (self, args) => pieces(self, COUNTED.countJson, args).length,
};

function pieces(self: Value, name: SplitterName, args: readonly Value[]): Value[] {
  const options = args[0] instanceof GroovyMap ? args[0] : new GroovyMap();
  const closure = args.find((arg) => arg instanceof Closure);
  return [...splitValue(self, name, options, closure, () => '.')];
}
