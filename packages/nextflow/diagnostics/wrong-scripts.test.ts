import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ScriptFault } from './fault.ts';
import { runScript, type ScriptOptions } from '../testing/run-script.ts';

interface Wrong {
  readonly script?: string;
  readonly options?: ScriptOptions;
  /** File, line and column; what is wrong; what to do. */
  readonly told: readonly (string | RegExp)[];
}

const config = (text: string): ScriptOptions => ({ files: { 'nextflow.config': text } });
const process = (body: string, call = 'p()') =>
  `process p {\n  ${body}\n  script: 'x'\n}\nworkflow {\n  ${call}\n}`;

/** More of them, about names, operators and directives: evaluate/groovy.test.ts. */
const WRONG: Readonly<Record<string, Wrong>> = {
  'an input that is missing': {
    script: process('input: val x'),
    told: ['main.nf:6:3: The process "p" has 1 input but 0 were given.', '      p()\n      ^'],
  },
  'an output that the task did not make': {
    script: process("output: path 'result.txt'"),
    told: [
      /main\.nf:2:11: Missing output file\(s\) `result\.txt` expected by process `p`/,
      "output: path 'result.txt'",
      'Work dir:',
    ],
  },
  'a task that fails': {
    script: process('cpus 1'),
    options: { exitCode: () => 3 },
    told: [
      'Process `p` terminated with an error exit status (3)',
      'Command executed:\n\n  x',
      /Process defined at:\n {2}.*main\.nf:1:1/,
    ],
  },
  'an unfinished expression in the configuration': {
    options: config('process.cpus = 2 +'),
    told: ['nextflow.config:1:19: Expected an expression, found the end of the file.'],
  },
  'a misspelt name in the configuration': {
    options: config('process {\n  memory = maxMemory\n}'),
    told: ['nextflow.config:2:3: Unknown variable "maxMemory"', 'memory = maxMemory'],
  },
  'an included configuration that is not there': {
    options: config("\nincludeConfig 'conf/bse.config'"),
    told: ['nextflow.config:2:1: Cannot find the included configuration conf/bse.config'],
  },
  'a misspelt profile': {
    options: { ...config('profiles { docker { process.cpus = 1 } }'), profiles: ['dokcer'] },
    told: [
      'Unknown configuration profile: \'dokcer\'. Did you mean "docker"? The configuration has: docker.',
    ],
  },
  'a name that the module does not have': {
    script: "include { ALGN } from './a'\nworkflow { ALGN() }",
    options: { files: { 'a.nf': "process ALIGN { script: 'x' }" } },
    told: ["main.nf:1:1: Cannot find a component with name 'ALGN' in module", 'Did you mean "ALIGN"?'],
  },
  'a process that is not included': {
    script: 'workflow {\n  ALIGN(channel.of(1))\n}',
    told: ['main.nf:2:3: There is no process, workflow or function "ALIGN" here. Include it:'],
  },
  'a module that includes itself': {
    script: "include { A } from './a'\nworkflow { A() }",
    options: { files: { 'a.nf': "include { A } from './a'\nworkflow A { }" } },
    told: [/a\.nf:1:1: The module .*a\.nf includes itself/],
  },
  'a process called twice': {
    script: process('cpus 1', 'p()\n  p()'),
    told: ["main.nf:7:3: Process 'p' has been already used", 'include it with a different name'],
  },
  'an output that is read before the call': {
    script: process('output: stdout', 'p.out.view()'),
    told: ['main.nf:6:3: The process "p" has not been called yet: its outputs are there after the call.'],
  },
  'a misspelt output': {
    script: process("output: path 'x', emit: bam", 'p()\n  p.out.bma.view()'),
    told: ['main.nf:7:3: No property "bma"', 'p.out, which has bam'],
  },
  'a tuple of another length': {
    script: process('input: tuple val(id), val(x)', "p(channel.of(['a', 1, 2]))"),
    told: ['main.nf:2:10: Input tuple does not match', 'it has 3 elements, 2 are declared'],
  },
  'a text where a file is wanted': {
    script: process('input: path x', "p('reads.fq')"),
    told: ["main.nf:2:10: Not a valid path value: 'reads.fq'", "make one of it with file('reads.fq')"],
  },
  'null where a file is wanted': {
    script: process('input: path x', 'p(channel.of([null]))'),
    told: ['main.nf:2:10: A path input of `p` is null. Give [] where there is no file.'],
  },
  'an unknown qualifier': {
    script: process('input: vall x', 'p(1)'),
    told: ['main.nf:2:10: "vall" is not a qualifier of an input. Use val, path,'],
  },
  'a process without a script': {
    script: 'process p {\n  input: val x\n}\nworkflow { p(1) }',
    told: ['main.nf:1:1: Process "p" has no script.'],
  },
  'an amount of memory that is none': {
    script: process("memory '2 potatoes'"),
    told: [/main\.nf:1:1: "2 potatoes" is not an amount of memory\. Write a number and a unit: '8 GB'/],
  },
  'an operator without its closure': {
    script: 'workflow {\n  channel.of(1).map(2).view()\n}',
    told: ['main.nf:2:3: "map" needs a closure: map { item -> ... }.'],
  },
  'a function called with too few arguments': {
    script: 'def f(a, b) { a }\nprintln f(1)',
    told: ['main.nf:2:9: The function "f" takes 2 arguments, but 1 were given.'],
  },
  'a misspelt input in the script of a process': {
    script: 'process p {\n  script:\n  "echo ${smaple}"\n}\nworkflow { p() }',
    told: ['main.nf:3:11: `smaple` is not defined.', /\^{6}/],
  },
  'a parameter that is not given': {
    script: 'params {\n  input: Path\n}\nworkflow { println params.input }',
    told: ['main.nf:2:3: Parameter `input` is required but was not specified'],
  },
  'a misspelt local variable': {
    script: 'def sample = 1\nprintln sampel',
    told: ['main.nf:2:9: `sampel` is not defined. Did you mean "sample"?', 'println sampel'],
  },
  'a misspelt operator': {
    script: 'workflow {\n  channel.of(1).maap { v -> v }\n}',
    told: ['main.nf:2:3: No method "maap(Closure)"', 'Did you mean "map"?'],
  },
  'items that an operator cannot take': {
    script: "workflow {\n  channel.of([1, 'a']).join(channel.of(2), by: 'x').view()\n}",
    told: ['main.nf:2:3: "join" by x needs a tuple that has it, not [1, a].', "channel.of([1, 'a'])"],
  },
  'a pattern that no file matches': {
    script: "workflow {\n  channel.fromPath('*.nope', checkIfExists: true).view()\n}",
    told: ['main.nf:2:3: No files match pattern `*.nope`', "channel.fromPath('*.nope'"],
  },
  'a misspelt output of the workflow': {
    script: 'workflow {\n  main:\n  x = channel.of(1)\n  publish:\n  bam = x\n}\noutput {\n  bma { }\n}',
    told: ['main.nf:5:3: The workflow publishes "bam", which is not in the output block.', 'bam = x'],
  },
  'a misspelt strategy for errors': {
    script: process("errorStrategy 'retri'"),
    options: { exitCode: () => 1 },
    told: ['main.nf:1:1: Unknown errorStrategy "retri". Use one of terminate, finish, ignore, retry.'],
  },
  'two processes of one name': {
    script: "process p { script: 'x' }\nprocess p { script: 'y' }\nworkflow { p() }",
    told: ['main.nf:2:1: The name "p" is there already'],
  },
};

describe('a wrong script is told where it is wrong and what to do', () => {
  for (const [name, { options, script = 'println 1', told }] of Object.entries(WRONG))
    test(name, async () => {
      const report = await reportOf(script, options);
      for (const part of told)
        if (typeof part === 'string')
          assert.ok(report.includes(part), `${part}\n--- is not in ---\n${report}`);
        else assert.match(report, part);
      assert.doesNotMatch(report, /\.ts:\d+|node:internal|Unexpected error/);
    });
});

/** What goes wrong in the configuration is told before the run begins. */
async function reportOf(script: string, options?: ScriptOptions): Promise<string> {
  try {
    return (await runScript(script, options)).end.report ?? '';
  } catch (error) {
    assert.ok(error instanceof ScriptFault);
    return error.describe();
  }
}
