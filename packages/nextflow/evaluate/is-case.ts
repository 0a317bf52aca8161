import { Closure } from '../values/closure.ts';
import { equal } from '../values/compare.ts';
import { GroovyMap, GroovySet } from '../values/map.ts';
import { Pattern } from '../values/pattern.ts';
import { Range } from '../values/range.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import { GroovyObject, type Value } from '../values/value.ts';

/** `case test:` and `value in test`: a pattern that matches, a collection that has it, a class it is of, a closure. */
export function isCase(value: Value, test: Value): boolean {
  if (test instanceof Closure) return truth(test.apply([value]));
  if (test instanceof Pattern) return value !== null && test.matches(text(value)) !== null;
  if (test instanceof Range) return test.contains(value);
  if (Array.isArray(test)) return test.some((each) => equal(each, value));
  if (test instanceof GroovySet || test instanceof GroovyMap) return test.has(value);
  if (test instanceof GroovyObject) {
    const own = test.invoke('isCase', [value]);
    if (typeof own === 'boolean') return own;
  }
  return equal(value, test);
}
