import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runScript } from '../testing/run-script.ts';

describe('workflows', () => {
  test('take, main and emit; the outputs are read by name', async () => {
    const { end, lines } = await runScript(`
      workflow TWICE {
        take: numbers
        main: doubled = numbers.map { n -> n * 2 }
        emit: out = doubled
      }
      workflow {
        TWICE(channel.of(1, 2))
        TWICE.out.out.view()
      }`);
    assert.equal(end.report, undefined);
    assert.deepEqual(lines, ['2', '4']);
  });

  test('a module is included under two names', async () => {
    const module =
      'workflow SAY {\n  take: x\n  main: x.view { v -> "said $v" }\n}\ndef helper(x) { x + 1 }\n';
    const { lines } = await runScript(
      "include { SAY as A; SAY as B; helper } from './say'\nworkflow { A(channel.of(helper(0)))\n B(channel.of(2)) }",
      { files: { 'say.nf': module } },
    );
    assert.deepEqual(lines.toSorted(), ['said 1', 'said 2']);
  });

  test('parameters: the command line before the configuration before the script', async () => {
    const { lines } = await runScript(
      "params.a = 'script'\nparams.b = 'script'\nparams.c = 'script'\nprintln \"$params.a $params.b $params.c\"",
      { files: { 'nextflow.config': "params { a = 'config'\n b = 'config' }" }, params: { a: 'line' } },
    );
    assert.deepEqual(lines, ['line config script']);
  });

  test('older scripts include inside of an if, at the top', async () => {
    const { lines } = await runScript(
      "if (params.kind == 'a') {\n  include { SAY } from './a'\n} else {\n  include { SAY } from './b'\n}\nworkflow { SAY() }",
      { files: { 'a.nf': "workflow SAY { println 'a' }" }, params: { kind: 'a' } },
    );
    assert.deepEqual(lines, ['a']);
  });

  test('the output block of an included script is for when that script is run', async () => {
    const module = "def f() { 'f' }\nworkflow { }\noutput { files { } }";
    const { end, lines } = await runScript("include { f } from './m'\nworkflow { println f() }", {
      files: { 'm.nf': module },
    });
    assert.deepEqual([end.report, lines], [undefined, ['f']]);
  });

  test('a variable of the script may be null', async () => {
    const { lines } = await runScript("chosen = params.chosen\nworkflow { println chosen ?: 'none' }");
    assert.deepEqual(lines, ['none']);
  });

  test('methods of a class in lib that give nothing are called by their names alone', async () => {
    const library =
      'class Checks {\n  static void all(x) { one(x) }\n  private static void one(x) { println x }\n}';
    const { end, lines } = await runScript("Checks.all('checked')", {
      files: { 'lib/Checks.groovy': library },
    });
    assert.deepEqual([end.report, lines], [undefined, ['checked']]);
  });

  test('System.exit ends the run with that status, and System.err prints', async () => {
    const { end, lines } = await runScript(
      "System.err.println 'no genome'\nSystem.exit(3)\nprintln 'not here'",
    );
    assert.deepEqual([end.exitStatus, lines], [3, ['no genome']]);
  });

  test('handlers are called at the end', async () => {
    const { lines } = await runScript(
      'workflow.onComplete { println "success: $workflow.success" }\nworkflow { }',
    );
    assert.deepEqual(lines, ['success: true']);
  });
});

describe('processes', () => {
  const PROCESS = `
    process ALIGN {
      tag "$id"
      memory { 2.GB * task.attempt }
      errorStrategy 'retry'
      input:
      tuple val(id), val(reference)
      output:
      stdout
      script:
      def extra = task.ext.args ?: ''
      """
      align $extra --id $id $reference
      """
    }
    workflow { ALIGN(channel.of(['a', 'hg38'])) }`;
  const scriptOf = (request: { inputs: readonly { target: string }[] } | undefined) =>
    (request?.inputs.find(({ target }) => target.endsWith('.command.sh')) as { content?: string } | undefined)
      ?.content;

  test('the script is made of the inputs, without the indent of the source', async () => {
    const { end, requests } = await runScript(PROCESS);
    assert.equal(end.report, undefined);
    assert.equal(scriptOf(requests[0]), '#!/bin/bash -ue\nalign  --id a hg38\n');
    assert.equal(requests[0]?.name, 'ALIGN (a)');
  });

  test('settings by name stand over those of the process and over those by label', async () => {
    const config = `process {
      cpus = 1
      withName: 'ALIGN' { cpus = 3; ext.args = { "--for $id" } }
    }`;
    const { requests } = await runScript(PROCESS, { files: { 'nextflow.config': config } });
    assert.equal(requests[0]?.resources.cpus, 3);
    assert.match(scriptOf(requests[0])!, /align --for a --id a/);
  });

  test('what a selector says of ext is for its processes alone', async () => {
    const config = `process {
      ext.args = '--all'
      withName: 'ELSEWHERE' { ext.args = '--elsewhere' }
    }`;
    const { requests } = await runScript(PROCESS, { files: { 'nextflow.config': config } });
    assert.match(scriptOf(requests[0])!, /align --all --id a/);
  });

  test('what comes after the profiles sees what the chosen one sets', async () => {
    const config = `params.base = 'public'
      profiles { test { params.base = 'own' } }
      params.genome = "$params.base/genome.fa"`;
    const { lines } = await runScript('println params.genome', {
      files: { 'nextflow.config': config },
      profiles: ['test'],
    });
    assert.deepEqual(lines, ['own/genome.fa']);
  });

  // "... in the order in which they were defined in the config file, regardless of the order you specify them."
  test('several profiles are applied in the order of the configuration', async () => {
    const config = `profiles {
      docker { params.image = 'docker' }
      test { params.image = 'test' }
    }`;
    const files = { 'nextflow.config': config };
    const { lines } = await runScript('println params.image', { files, profiles: ['test', 'docker'] });
    assert.deepEqual(lines, ['test']);
  });

  test('a retry is another request, with the resources of its attempt', async () => {
    const { end, requests } = await runScript(PROCESS, {
      exitCode: ({ attempt }) => (attempt === 1 ? 137 : 0),
    });
    assert.equal(end.report, undefined);
    assert.deepEqual(
      requests.map(({ attempt, resources }) => [attempt, resources.memoryBytes / 2 ** 30]),
      [
        [1, 2],
        [2, 4],
      ],
    );
  });

  test('workflow.stats counts every attempt, as Nextflow 24.10 does', async () => {
    const { lines } = await runScript(
      `process A { errorStrategy 'ignore'
        script: 'a' }
      process B { errorStrategy 'retry'
        script: 'b' }
      process D { exec: println 'body' }
      workflow { A(); B(); D() }
      workflow.onComplete { println workflow.stats.with { [succeededCount, failedCount, ignoredCount, retriesCount] } }`,
      { exitCode: ({ attempt, name }) => (name === 'A' || attempt === 1 ? 1 : 0) },
    );
    assert.deepEqual(lines, ['body', '[2, 2, 1, 1]']);
  });

  test('a failure is told with the command and its exit status', async () => {
    const { end } = await runScript(PROCESS, { exitCode: () => 3 });
    assert.equal(end.exitStatus, 3);
    assert.match(
      end.report!,
      /Error executing process > 'ALIGN \(a\)'[\s\S]*error exit status \(3\)[\s\S]*align {2}--id a hg38/,
    );
  });

  test('an accelerator is asked for as the guide writes it', async () => {
    const { requests } = await runScript(
      "process G { accelerator 1, type: 'nvidia-tesla-t4-a10g'\n script: 'nvidia-smi' }\nworkflow { G() }",
    );
    assert.deepEqual(requests[0]?.resources.accelerators, { count: 1, type: 'nvidia-tesla-t4-a10g' });
  });

  test('each repeats the task, once for every item', async () => {
    const { requests } = await runScript(
      "process P { input: val x\n each mode\n script: \"run $x $mode\" }\nworkflow { P(channel.of(1, 2), ['fast', 'slow']) }",
    );
    assert.deepEqual(
      requests
        .map(scriptOf)
        .map((script) => script!.split('\n')[1])
        .toSorted(),
      ['run 1 fast', 'run 1 slow', 'run 2 fast', 'run 2 slow'],
    );
  });

  test('a process called with a closure takes what that gives', async () => {
    const { requests } = await runScript(
      'process P { input: val x\n script: "run $x" }\nworkflow {\n  P {\n    channel.of(7)\n  }\n}',
    );
    assert.match(scriptOf(requests[0]!)!, /run 7/);
  });

  test('the command of an eval output has a shell of its own, without pipefail', async () => {
    const { requests } = await runScript(
      `process P { shell '/bin/bash', '-euo', 'pipefail'\n output: eval("false | printf '%s' \\"here\\"")\n script: 'true' }\nworkflow { P() }`,
    );
    assert.match(scriptOf(requests[0]!)!, /bash -c "false \| printf '%s' \\"here\\""/);
  });

  test('what tasks made is gathered as they ended, however a resumed run gets it', async () => {
    const ended: Record<string, number> = { a: 3, b: 1, c: 2 };
    const { lines } = await runScript(
      'process P { input: val x\n output: tuple val("all"), path("file")\n script: "$x" }\nworkflow { P(channel.of("a", "b", "c")).groupTuple().view { k, files -> files.collect { f -> f.text } } }',
      {
        stdout: (script, folder) => {
          writeFileSync(join(folder, 'file'), script.split('\n')[1]!);
          return '';
        },
        finishedAt: (script) => ended[script.split('\n')[1]!]!,
      },
    );
    assert.deepEqual(lines, ['[b, c, a]']);
  });
});
