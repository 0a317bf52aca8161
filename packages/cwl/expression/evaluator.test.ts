import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Value, ValueObject } from '../value.ts';
import { Evaluator } from './evaluator.ts';
import { Javascript } from './javascript.ts';

const javascript = await Javascript.create({ milliseconds: 200, memoryBytes: 16 * 2 ** 20 });
const plain = new Evaluator(javascript, undefined);
const scripted = new Evaluator(javascript, []);
const inputs: ValueObject = { val: 'val', list: ['a', 'b'], 'odd name': 1, nothing: null };
const scope = { inputs, self: null, runtime: { cores: 2 } };
const evaluate = (text: Value, evaluator = plain) => evaluator.evaluate(text, scope);

describe('parameter references', () => {
  test('lead to members, items and lengths, alone or in a text', () => {
    assert.equal(evaluate('$(inputs.val)'), 'val');
    assert.equal(evaluate('$(inputs.list[1])'), 'b');
    assert.equal(evaluate("$(inputs['odd name'])"), 1);
    assert.equal(evaluate('$(inputs.list.length)'), 2);
    assert.equal(evaluate('-t$(runtime.cores) $(inputs.val)'), '-t2 val');
    assert.equal(evaluate('$(null)'), null);
  });

  test('refuse what is not there, and JavaScript that was not asked for', () => {
    assert.throws(() => evaluate('$(inputs.none)'), /there is no "none"/);
    assert.throws(() => evaluate('$(inputs.constructor)'), /there is no "constructor"/);
    assert.throws(() => evaluate('$(1 + 1)'), /needs InlineJavascriptRequirement/);
  });

  // The three rules of "String interpolation".
  test('are escaped by backslashes', () => {
    assert.equal(evaluate(String.raw`\$(inputs.val) $(inputs.val)`), '$(inputs.val) val');
    assert.equal(evaluate(String.raw`\\$(inputs.val)`), String.raw`\val`);
    assert.equal(evaluate(String.raw`\\\$(inputs.val)$(inputs.val)`), String.raw`\$(inputs.val)val`);
    assert.equal(evaluate(String.raw`\a $(inputs.val)`), String.raw`\a val`);
  });
});

describe('JavaScript', () => {
  test('sees inputs, self and runtime, and gives JSON', () => {
    assert.equal(evaluate('$(inputs.list.length + runtime.cores)', scripted), 4);
    assert.deepEqual(evaluate('${ return {a: inputs.list.slice().reverse()}; }', scripted), {
      a: ['b', 'a'],
    });
    assert.equal(evaluate('$(inputs.none)', scripted), null);
    assert.equal(evaluate('$(\')\' + "(")', scripted), ')(');
  });

  test('reaches nothing of the host', () => {
    for (const name of ['process', 'require', 'fetch', 'Buffer', 'XMLHttpRequest']) {
      assert.equal(evaluate(`$(typeof ${name} + '')`, scripted), 'undefined');
    }
    assert.throws(() => evaluate("$([].constructor.constructor('return process')())", scripted), /process/);
  });

  test('ends at its limits of time and memory, and the next expression works', () => {
    assert.throws(() => evaluate('${ while (true) {} }', scripted), /longer than 200 ms/);
    assert.throws(() => evaluate("${ var s = 'x'; for (;;) s += s; }", scripted), /failed|longer/);
    assert.throws(() => evaluate('${ function f() { f(); } f(); }', scripted), /failed/);
    assert.equal(evaluate('$(1 + 1)', scripted), 2);
  });

  test('cannot pollute prototypes of the host through its results', () => {
    evaluate('${ return JSON.parse(\'{"__proto__": {"polluted": 1}}\'); }', scripted);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});
