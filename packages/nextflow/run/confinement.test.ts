import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runScript } from '../testing/run-script.ts';

/** Scripts are strangers': each of these tries to get out of its run, as it would on a server. */
const confined = (script: string, files?: Record<string, string>) =>
  runScript(script, { confined: true, ...(files ? { files } : {}) });

describe('a script cannot reach the objects of JavaScript', () => {
  /** What every object has there; Groovy's values have none of it. */
  const NAMES = ['constructor', '__proto__', 'prototype', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
  const VALUES = {
    'a text': "'x'",
    'a number': '1',
    'a decimal': '1.5',
    'a list': '[1]',
    'a closure': '{ -> 1 }',
    'a path': "file('x')",
    'a range': '(1..3)',
    'a channel': 'channel.of(1)',
    'a class': 'Math',
    'a pattern': '~/x/',
    'a memory unit': '1.GB',
    'an object': 'new Mine()',
    'the workflow': 'workflow',
    'the log': 'log',
  };

  for (const [what, written] of Object.entries(VALUES))
    test(`by names that ${what} has there`, async () => {
      for (const name of NAMES) {
        for (const use of [`x."${name}"`, `x."${name}"('return 1')`, `x.@"${name}"`]) {
          const { lines } = await confined(`
            class Mine { def a = 1 }
            def outcome = 'refused'
            try { def x = ${written}; def got = ${use}; outcome = got == null || got == [null] ? 'nothing' : "got $got" }
            catch (Exception e) { outcome = 'refused' }
            println outcome`);
          assert.match(lines[0] ?? '', /^(refused|nothing)$/, `${use} of ${written}`);
        }
      }
    });

  test('by names of its own', async () => {
    for (const name of ['process', 'globalThis', 'require', 'constructor', 'Function', 'eval', 'toString']) {
      const { end } = await confined(`println ${name}`);
      assert.match(end.report ?? '', /is not defined/, name);
    }
  });

  test('by names in a configuration', async () => {
    for (const name of ['constructor', '__proto__', 'hasOwnProperty', 'process.env'])
      await assert.rejects(
        confined('println params.x', { 'nextflow.config': `params.x = ${name}` }),
        /Unknown variable/,
        name,
      );
  });

  test('by names in an include of a plugin', async () => {
    for (const include of [
      "include { constructor } from 'plugin/nf-schema'",
      "include { x } from 'plugin/constructor'",
    ]) {
      const { end } = await confined(include);
      assert.match(end.report ?? '', /has no "constructor"|"constructor" is not supported/);
    }
  });

  test('by a map whose keys are theirs: they are keys', async () => {
    const { lines } = await confined(
      'def m = [__proto__: 1, constructor: 2]; println m; println([:].constructor)',
    );
    assert.deepEqual(lines, ['[__proto__:1, constructor:2]', 'null']);
  });

  test('by text that ends the code which is made of it', async () => {
    const { lines } = await confined(
      'def x = "\'\\"`\\${process}\\\\"\nprintln x\nprintln \'\\u2028*/ process.exit(3) /*\'.size()',
    );
    assert.deepEqual(lines, ['\'"`${process}\\', '22']);
  });
});

describe('a script cannot reach what is not of its run', () => {
  let outside = '';
  before(() => {
    outside = mkdtempSync(join(tmpdir(), 'nextflow-outside-'));
    writeFileSync(join(outside, 'secret'), 'do-not-tell');
    symlinkSync('/nowhere', join(outside, 'link'));
  });
  after(() => rmSync(outside, { recursive: true, force: true }));

  const refused = async (statement: string) => {
    const { end, lines } = await confined(statement.replaceAll('OUTSIDE', outside));
    assert.doesNotMatch(lines.join('\n'), /do-not-tell|nowhere/);
    assert.match(end.report ?? '', /outside of the run|is not supported|cannot start programs|cannot write/);
  };

  for (const statement of [
    "println file('OUTSIDE/secret').text",
    "println file('scratch/../../../OUTSIDE/secret').text",
    "println file('file://OUTSIDE/secret').text",
    "println file('OUTSIDE/*')",
    "println file('OUTSIDE').list()",
    "file('OUTSIDE/secret').copyTo('scratch/copy'); println file('scratch/copy').text",
    "file('OUTSIDE/secret').mklink('scratch/link'); println file('scratch/link').text",
    "file('OUTSIDE/secret').mklink('scratch/hard', hard: true); println file('scratch/hard').text",
    "println file('OUTSIDE/link').toRealPath()",
    "file('scratch/own').text = 'x'; file('scratch/own').moveTo('OUTSIDE/own')",
    "file('OUTSIDE/new').text = 'x'",
    "file('OUTSIDE/secret').delete()",
    "file('OUTSIDE/secret').setPermissions('777')",
    "include { X } from 'OUTSIDE/secret'",
    "println 'cat OUTSIDE/secret'.execute().text",
    "println(['cat', 'OUTSIDE/secret'].execute().text)",
    "println new ProcessBuilder('cat', 'OUTSIDE/secret').start().text",
    "println evaluate('1')",
  ])
    test(statement, () => refused(statement));

  test('a folder that holds a link out is not copied through it', async () => {
    // Tasks can leave such links in their work directories.
    const { end, lines } = await runScript(
      `
      process LINK { output: path 'd'
 script: 'ln -s' }
      workflow { LINK().map { d -> d.copyTo('scratch/copy'); file('scratch/copy/secret').text }.view() }`,
      {
        confined: true,
        stdout: (_script, place) => {
          symlinkSync(outside, join(place, 'd'));
          return '';
        },
      },
    );
    assert.doesNotMatch(lines.join('\n'), /do-not-tell/);
    assert.match(end.report ?? '', /outside of the run/);
  });

  test('the environment of the server is not told', async () => {
    process.env['HELICASE_TEST_SECRET'] = 'do-not-tell';
    const { lines } = await confined(`
      println System.getenv('HELICASE_TEST_SECRET')
      println System.getenv()
      println env('HELICASE_TEST_SECRET')
      println System.getProperty('user.home')`);
    delete process.env['HELICASE_TEST_SECRET'];
    assert.deepEqual(lines, ['null', '[NXF_OFFLINE:true]', 'null', '/']);
  });
});
