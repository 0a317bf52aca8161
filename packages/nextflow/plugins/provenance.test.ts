import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runScript } from '../testing/run-script.ts';

const SCRIPT = `process UPPER {
  publishDir 'out', mode: 'copy'
  input: tuple val(id), path(reads)
  output: path 'upper.txt', emit: text
  script: "tr a-z A-Z < $reads > upper.txt"
}
workflow { UPPER(channel.of(['s1', file('reads.txt')])) }
`;
const config = (formats: string) =>
  `plugins { id 'nf-prov@1.4.0' }\nmanifest { name = 'demo'; version = '1.0' }\nprov { formats { ${formats} } }\n`;

/** Runs it, and gives the document that it leaves. */
async function documentOf(formats: string, path: string) {
  let document = '';
  const { end } = await runScript(SCRIPT, {
    files: { 'nextflow.config': config(formats), 'reads.txt': 'acgt\n' },
    stdout: (_script, work) => {
      writeFileSync(join(work, 'upper.txt'), 'ACGT\n');
      return '';
    },
    atEnd: (read) => {
      document = read(path);
    },
  });
  assert.equal(end.report, undefined);
  return document;
}

describe('nf-prov', () => {
  test('its manifest says which task made a published file of what', async () => {
    const manifest = JSON.parse(
      await documentOf("legacy { file = 'out/manifest.json' }", 'out/manifest.json'),
    ) as {
      readonly tasks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      readonly published: readonly Readonly<Record<string, string>>[];
    };
    const [task] = Object.values(manifest.tasks);
    assert.deepEqual([task!['id'], task!['name'], task!['cached']], ['1', 'UPPER (1)', false]);
    const [id, reads] = task!['inputs'] as { name: string; value: string }[];
    assert.deepEqual([id, reads!.name], [{ name: 'id', value: 's1' }, 'reads']);
    assert.match(reads!.value, /\/reads\.txt$/);
    const [published] = manifest.published;
    assert.equal(published!['publishingTaskId'], '1');
    assert.match(published!['target']!, /\/out\/upper\.txt$/);
  });

  test('a BioCompute Object names inputs, steps and outputs', async () => {
    const object = JSON.parse(await documentOf("bco { file = 'bco.json' }", 'bco.json')) as {
      readonly spec_version: string;
      readonly provenance_domain: { readonly name: string };
      readonly io_domain: Readonly<Record<string, readonly { readonly uri: { readonly uri: string } }[]>>;
      readonly description_domain: { readonly pipeline_steps: readonly unknown[] };
    };
    assert.equal(object.spec_version, 'https://w3id.org/ieee/ieee-2791-schema/2791object.json');
    assert.equal(object.provenance_domain.name, 'demo');
    assert.match(object.io_domain['input_subdomain']![0]!.uri.uri, /\/reads\.txt$/);
    assert.match(object.io_domain['output_subdomain']![0]!.uri.uri, /\/out\/upper\.txt$/);
    assert.equal(object.description_domain.pipeline_steps.length, 1);
  });

  test('a graph leads from files through tasks to files', async () => {
    const graph = await documentOf("dag { file = 'dag.mmd' }", 'dag.mmd');
    assert.equal(
      graph,
      'flowchart TB\n    t1(["UPPER (1)"])\n    f0["reads.txt"]\n    f1["upper.txt"]\n    f0 --> t1\n    t1 --> f1\n',
    );
  });

  test('a format that is not there is refused', async () => {
    await assert.rejects(
      documentOf("wrroc { file = 'ro-crate.json' }", ''),
      /nf-prov cannot write the format "wrroc" here\. Its formats are: legacy, bco, dag\./,
    );
  });
});
