import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openDesk } from '../testing.ts';
import { Evaluator } from './evaluator.ts';
import { Javascript } from './javascript.ts';

// What a workflow's author could try. Every fault names the place of the expression in the document.

const javascript = await Javascript.create({ milliseconds: 300, memoryBytes: 32 * 2 ** 20 });
const evaluator = new Evaluator(javascript, []);
const evaluate = (code: string, inputs: string = '{}') =>
  evaluator.evaluate(`\${${code}}`, { inputs: JSON.parse(inputs), self: null, runtime: {} });

describe('hostile expressions', () => {
  after(() => javascript[Symbol.dispose]());

  test('that never end are ended', () => {
    assert.throws(() => evaluate('while (true) {}'), /took longer than 300 ms/);
    assert.throws(() => evaluate('for (;;) { try { throw 1 } catch (e) {} }'), /took longer than 300 ms/);
    assert.throws(() => evaluate("return /(a+)+$/.test('a'.repeat(40) + 'b')"), /took longer than 300 ms/);
  });

  test('find no process, no module loader and no file by way of constructors', () => {
    for (const code of [
      "return constructor.constructor('return process')()",
      "return [].constructor.constructor('return process')()",
      "return (function* () {}).constructor('return process')().next()",
      "return [].constructor.constructor('return require')()",
    ]) {
      assert.throws(
        () => evaluate(code),
        /'(process|require|constructor)' is not defined|of undefined/,
        code,
      );
    }
    assert.deepEqual(evaluate("return Object.keys(Function('return this')()).sort()"), [
      'inputs',
      'runtime',
      'self',
    ]);
  });

  test('cannot make strings of 2 GB, nor fill the memory, nor hand over more than a job holds', () => {
    assert.throws(() => evaluate("return 'x'.repeat(2147483647)"), /invalid string length/);
    assert.throws(
      () => evaluate("var s = 'x'; while (s.length < 2e9) s += s; return s"),
      /out of memory|too long/,
    );
    assert.throws(() => evaluate('var a = []; for (;;) a.push([a.length])'), /out of memory|took longer/);
    const large = new Evaluator(javascript, ['// with room for a long text']);
    assert.equal(large.evaluate('$(1 + 1)', { inputs: {}, self: null, runtime: {} }), 2);
  });

  test('cannot hold more than the memory of all together, whatever each may hold', async () => {
    using narrow = await Javascript.create({ memoryBytes: 128 * 2 ** 20, totalBytes: 32 * 2 ** 20 });
    const length = (count: number, library: string) =>
      narrow.run(`return 'x'.repeat(${count}).length`, [library], {});
    assert.equal(length(1e6, ''), 1e6);
    for (let context = 0; context < 4; context += 1)
      assert.throws(() => length(64e6, `// ${context}`), { name: 'EvaluationError', message: /memory/ });
  });

  test('cannot change the language for the expressions after them', () => {
    assert.throws(() => evaluate('Array.prototype.map = null'), /cannot be changed/);
    assert.throws(() => evaluate('Object.prototype.polluted = 1'), /not extensible/);
    assert.throws(() => evaluate("JSON.parse = function () { return 'mine' }"), /read-only/);
    assert.throws(() => evaluate('JSON = null'), /read-only/);
    assert.deepEqual(evaluate('return [1].map(function (x) { return x + 1; })'), [2]);
    assert.equal(evaluate('return {}.polluted'), null);
  });

  test('may still give their own objects any member', () => {
    const code =
      "var words = {}; ['constructor', 'toString'].forEach(function (w) { words[w] = 1; }); return words";
    assert.deepEqual(evaluate(code), { constructor: 1, toString: 1 });
  });

  test('and inputs named after prototypes pollute nothing, here or there', () => {
    const inputs = '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}';
    assert.equal(evaluate('return {}.polluted', inputs), null);
    assert.equal(evaluate('return [].polluted', inputs), null);
    assert.deepEqual(Object.keys({ ...(evaluate('return inputs', inputs) as object) }), [
      '__proto__',
      'constructor',
    ]);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  test('end the run with the line that they are on', async () => {
    const desk = openDesk();
    desk.write({
      'main.cwl': `cwlVersion: v1.2
class: CommandLineTool
requirements: [{ class: InlineJavascriptRequirement }]
baseCommand: echo
inputs: []
arguments:
  - fine
  - valueFrom: |
      \${
        var hidden = constructor.constructor('return process')();
        return hidden.env;
      }
outputs: []
`,
    });
    try {
      await assert.rejects(
        desk.run(),
        /^EngineFailureError: main\.cwl:8:5: The expression failed.*'process'/,
      );
    } finally {
      desk.remove();
    }
  });
});
