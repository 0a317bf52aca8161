import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runScript } from '../../testing/run-script.ts';

const SCRIPT = `process UPPER {
  publishDir 'out', mode: 'copy'
  input: tuple val(id), path(reads)
  output: path 'upper.txt', emit: text
  script: "tr a-z A-Z < $reads > upper.txt"
}
workflow { UPPER(channel.of(['s1', file('reads.txt')])) }
`;
const config = (formats: string, more: string) =>
  `plugins { id 'nf-prov@1.4.0' }\nmanifest { name = 'demo'; version = '1.0' }\nprov { formats { ${formats} } }\n${more}\n`;
const SCHEMA = JSON.stringify({
  $defs: { input: { properties: { sheet: { type: 'string', format: 'file-path' } } } },
});

/** Runs it, and gives the document that it leaves. */
async function documentOf(formats: string, path: string, more = '') {
  let document = '';
  const { end } = await runScript(SCRIPT, {
    files: {
      'nextflow.config': config(formats, more),
      'nextflow_schema.json': SCHEMA,
      'reads.txt': 'acgt\n',
    },
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

  test('a BioCompute Object takes from the configuration what no run can tell, and the variables that it names', async () => {
    const object = JSON.parse(
      await documentOf(
        `bco { file = 'bco.json'
          provenance_domain { derived_from = 'https://example.com/BCO_948701/1.0' }
          usability_domain = ['Finds variants']
          description_domain { keywords = ['SNP'] }
          execution_domain { environment_variables = ['NXF_OFFLINE', 'EDITOR_THAT_IS_NOT_SET'] }
        }`,
        'bco.json',
      ),
    ) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    assert.equal(object['provenance_domain']!['derived_from'], 'https://example.com/BCO_948701/1.0');
    assert.deepEqual(object['usability_domain'], ['Finds variants']);
    assert.deepEqual(object['description_domain']!['keywords'], ['SNP']);
    assert.deepEqual(Object.keys(object['execution_domain']!['environment_variables']!), ['NXF_OFFLINE']);
  });

  test('a graph leads from files through tasks to files', async () => {
    const graph = await documentOf("dag { file = 'dag.mmd' }", 'dag.mmd');
    assert.equal(
      graph,
      `flowchart TD
    subgraph " "
    in0["reads.txt"]
    end
    t0(["UPPER (1)"])
    in0 --> t0
    t0 --> out0
    subgraph " "
    out0["upper.txt"]
    end
`,
    );
  });

  test('prov.patterns keeps to published files whose names fit', async () => {
    const manifest = async (pattern: string) =>
      JSON.parse(
        await documentOf(
          "legacy { file = 'manifest.json' }",
          'manifest.json',
          `prov.patterns = ['${pattern}']`,
        ),
      ) as { readonly published: readonly unknown[] };
    assert.equal((await manifest('*.txt')).published.length, 1);
    assert.equal((await manifest('*.bam')).published.length, 0);
  });

  test('a format that is not there is refused', async () => {
    await assert.rejects(
      documentOf("gexf { file = 'run.gexf' }", ''),
      /nf-prov cannot write the format "gexf" here\. Its formats are: legacy, bco, dag, wrroc\./,
    );
  });
});

interface Reference {
  readonly '@id': string;
}

interface CrateEntity extends Reference {
  readonly [property: string]: unknown;
}

describe('the Workflow Run RO-Crate of nf-prov', () => {
  /** As the profiles name them: https://www.researchobject.org/workflow-run-crate/profiles/provenance_run_crate/ */
  async function crateOf(more = '') {
    const crate = JSON.parse(
      await documentOf(
        `wrroc { file = 'out/ro-crate-metadata.json'
          license = 'https://spdx.org/licenses/MIT'
          agent { name = 'Ada Lovelace'; orcid = 'https://orcid.org/0000-0001-2345-6789'; email = 'ada@example.org' }
          organization { name = 'Analytical Society'; ror = 'https://ror.org/000000000' }
          publisher = 'https://ror.org/000000000' }`,
        'out/ro-crate-metadata.json',
        more,
      ),
    ) as { readonly '@graph': readonly CrateEntity[] };
    const entities = new Map(crate['@graph'].map((entity) => [entity['@id'], entity]));
    assert.equal(entities.size, crate['@graph'].length, 'every entity has an id of its own');
    return entities;
  }

  const referencesOf = (value: unknown) => ([value].flat() as Reference[]).map((one) => one['@id']);

  test('leads from the run through steps and tasks to the published file', async () => {
    const entities = await crateOf();
    const workflow = entities.get(referencesOf(entities.get('./')!['mainEntity'])[0]!)!;
    assert.deepEqual(workflow['@type'], ['File', 'SoftwareSourceCode', 'ComputationalWorkflow', 'HowTo']);
    const [step] = referencesOf(workflow['step']);
    const control = [...entities.values()].find(
      (one) => one['@type'] === 'ControlAction' && referencesOf(one['instrument'])[0] === step,
    )!;
    const task = entities.get(referencesOf(control['object'])[0]!)!;
    assert.equal(task['name'], 'UPPER (1)');
    assert.match(referencesOf(task['object'])[0]!, /^file:\/\/.*\/reads\.txt$/);
    const [made] = referencesOf(task['result']);
    const publish = [...entities.values()].find(
      (one) => one['name'] === 'publish' && referencesOf(one['object'])[0] === made,
    )!;
    assert.deepEqual(referencesOf(publish['result']), ['upper.txt']);
  });

  test('names who ran it, for whom, and under which license', async () => {
    const entities = await crateOf();
    const root = entities.get('./')!;
    assert.deepEqual(referencesOf(root['license']), ['https://spdx.org/licenses/MIT']);
    assert.deepEqual(referencesOf(root['publisher']), ['https://ror.org/000000000']);
    const person = entities.get('https://orcid.org/0000-0001-2345-6789')!;
    assert.deepEqual(referencesOf(person['affiliation']), ['https://ror.org/000000000']);
    assert.deepEqual(referencesOf(person['contactPoint']), ['mailto:ada@example.org']);
  });

  test('holds the files that it speaks of: the script, the configuration, and what parameters name', async () => {
    const entities = await crateOf("params.sheet = 'reads.txt'; params.depth = 3");
    const parts = referencesOf(entities.get('./')!['hasPart']);
    assert.ok(
      ['main.nf', 'nextflow.config', 'nextflow_schema.json', 'reads.txt'].every((one) => parts.includes(one)),
    );
    assert.equal(entities.get('#param/sheet')!['additionalType'], 'File');
    assert.equal(entities.get('#param/depth')!['additionalType'], 'Number');
    assert.equal(entities.get('#param/depth/value')!['value'], 3);
  });

  test('in the folder of the project leaves the files of the user as they are', async () => {
    const formats = "wrroc { file = 'ro-crate-metadata.json'; overwrite = true }";
    assert.equal(await documentOf(formats, 'nextflow.config'), config(formats, ''));
  });
});
