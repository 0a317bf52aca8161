import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Desk, openDesk } from '../testing.ts';

const header = (cls = 'CommandLineTool') => `cwlVersion: v1.2\nclass: ${cls}\n`;

describe('tools', () => {
  let desk: Desk;
  before(() => (desk = openDesk()));
  after(() => desk.remove());

  /** What the only output of `main.cwl` holds. */
  const said = async (tool: string, parameters: object = {}): Promise<string> => {
    desk.write({ 'main.cwl': header() + tool });
    const { files } = await desk.run(parameters);
    return readFileSync(files[0]!.path, 'utf8');
  };

  // "Essential Input Parameters" of the user guide: its tool and the command line that it prints.
  test('array inputs are bound as their prefixes and separators say', async () => {
    const tool = `
inputs:
  filesA: { type: "string[]", inputBinding: { prefix: -A, position: 1 } }
  filesB: { type: { type: array, items: string, inputBinding: { prefix: -B=, separate: false } }, inputBinding: { position: 2 } }
  filesC: { type: "string[]", inputBinding: { prefix: -C=, itemSeparator: ",", separate: false, position: 4 } }
outputs: { out: stdout }
baseCommand: echo
`;
    const job = {
      ...{ filesA: ['one', 'two', 'three'], filesB: ['four', 'five', 'six'] },
      filesC: ['seven', 'eight', 'nine'],
    };
    assert.equal(await said(tool, job), '-A one two three -B=four -B=five -B=six -C=seven,eight,nine\n');
  });

  // "Inclusive and Exclusive Inputs" of the user guide.
  test('records are inclusive, unions of records exclusive', async () => {
    const tool = `
inputs:
  dependent:
    type:
      type: record
      fields:
        itemA: { type: string, inputBinding: { prefix: -A } }
        itemB: { type: string, inputBinding: { prefix: -B } }
  exclusive:
    type:
      - { type: record, name: itemC, fields: { itemC: { type: string, inputBinding: { prefix: -C } } } }
      - { type: record, name: itemD, fields: { itemD: { type: string, inputBinding: { prefix: -D } } } }
outputs: { out: stdout }
baseCommand: echo
`;
    const dependent = { itemA: 'one', itemB: 'two' };
    assert.equal(await said(tool, { dependent, exclusive: { itemD: 'four' } }), '-A one -B two -D four\n');
    await assert.rejects(
      desk.run({ dependent: { itemA: 'one' }, exclusive: { itemC: 'three' } }),
      /main\.cwl:\d+:\d+: Input dependent must be record\(itemA: string, itemB: string\)/,
    );
  });

  test('streams go to the files that the tool names', async () => {
    const tool = `
requirements: { ShellCommandRequirement: {} }
inputs: { text: { type: stdin } }
arguments: [cat, { valueFrom: "; echo oops >&2", shellQuote: false }]
stdout: a/out.txt
stderr: err.txt
outputs: { out: stdout, err: stderr }
`;
    desk.write({ 'main.cwl': header() + tool, 'in.txt': 'in\n' });
    const { files } = await desk.run({ text: { class: 'File', location: `${desk.folder}/in.txt` } });
    const content = Object.fromEntries(files.map(({ key, path }) => [key, readFileSync(path, 'utf8')]));
    assert.deepEqual(content, { 'out/out/out.txt': 'in\n', 'out/err/err.txt': 'oops\n' });
  });

  // The loop examples of cwltool's tests look at it; the digest is sha1sum's.
  test('an expression sees the checksums of the files that its output found, where it asks for them', async () => {
    const tool = `
requirements: { InlineJavascriptRequirement: {} }
inputs: []
stdout: out.txt
outputs:
  sum: { type: string, outputBinding: { glob: out.txt, outputEval: "$(self[0].checksum)" } }
arguments: [printf, "first,0"]
`;
    desk.write({ 'main.cwl': header() + tool });
    const { outputs } = await desk.run();
    assert.deepEqual(outputs, { sum: 'sha1$e445e7ebf0b1e19e5eb7f3e8e4d86f5424c4b103' });
  });

  test('exit codes mean what the tool says', async () => {
    const exits = (code: number, classes: string) =>
      said(
        `baseCommand: [sh, -c, "echo done; exit ${code}"]\ninputs: []\noutputs: { out: stdout }\n${classes}`,
      );
    assert.equal(await exits(3, 'successCodes: [3]'), 'done\n');
    await assert.rejects(exits(3, ''), /failed with exit code 3/);
    await assert.rejects(exits(0, 'permanentFailCodes: [0]'), /failed with exit code 0/);
  });

  test('a tool that takes longer than its ToolTimeLimit is ended', async () => {
    const tool =
      'baseCommand: [sleep, "60"]\ninputs: []\noutputs: []\nrequirements: { ToolTimeLimit: { timelimit: 1 } }\n';
    await assert.rejects(said(tool), /took longer than it may/);
  });

  // EDAM: format_2573 (SAM) is a kind of format_2330 (textual), by way of format_2057.
  test('a format fits where an ontology says that it is a kind of the wanted one', async () => {
    const tool = (wanted: string) => `
$namespaces: { edam: "http://edamontology.org/" }
$schemas: [formats.ttl]
inputs: { reads: { type: File, format: "edam:${wanted}", inputBinding: {} } }
outputs: { out: stdout }
baseCommand: cat
`;
    desk.write({
      'reads.sam': '@HD\n',
      'formats.ttl': `@prefix edam: <http://edamontology.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
edam:format_2573 rdfs:subClassOf edam:format_2057 .
edam:format_2057 rdfs:subClassOf edam:format_2330 .
`,
    });
    const format = 'http://edamontology.org/format_2573';
    const job = { reads: { class: 'File', location: `${desk.folder}/reads.sam`, format } };
    assert.equal(await said(tool('format_2330'), job), '@HD\n');
    await assert.rejects(
      said(tool('format_2572'), job),
      /Input reads: The file has the format .*2573; reads needs .*2572/,
    );
  });

  test('secondary files are found beside an input, and asked for where they are missing', async () => {
    const tool = (pattern: string) => `
inputs: { bam: { type: File, secondaryFiles: ${pattern} } }
arguments: ["$(inputs.bam.secondaryFiles[0].path)"]
baseCommand: cat
outputs: { out: stdout }
`;
    desk.write({ 'x.bam': '', 'x.bai': 'caret\n', 'x.bam.bai': 'suffix\n' });
    const job = { bam: { class: 'File', location: `${desk.folder}/x.bam` } };
    assert.equal(await said(tool('[.bai]'), job), 'suffix\n');
    assert.equal(await said(tool('[^.bai]'), job), 'caret\n');
    assert.equal(await said(tool('["$(self.nameroot).bai"]'), job), 'caret\n');
    assert.equal(await said(tool('[.csi?, .bai]'), job), 'suffix\n');
    await assert.rejects(said(tool('[.csi]'), job), /Input bam: x\.bam needs the secondary file x\.bam\.csi/);
  });

  test('a job may add requirements of its own', async () => {
    const tool = 'baseCommand: [sh, -c, "echo $WORD"]\ninputs: []\noutputs: { out: stdout }\n';
    const words = { 'cwl:requirements': [{ class: 'EnvVarRequirement', envDef: { WORD: 'given' } }] };
    assert.equal(await said(tool, words), 'given\n');
  });

  test('what this engine does not know is refused as unsupported', async () => {
    const unknown = 'baseCommand: echo\ninputs: []\noutputs: []\nrequirements: { StrangeRequirement: {} }\n';
    await assert.rejects(said(unknown), /requirement StrangeRequirement is not supported/);
    const built = unknown.replace('StrangeRequirement: {}', 'DockerRequirement: { dockerFile: FROM x }');
    await assert.rejects(said(built), /dockerFile is not supported; name an image with dockerPull/);
  });
});
