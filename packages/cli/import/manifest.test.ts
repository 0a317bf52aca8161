import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readManifest } from './manifest.ts';

// The guide, "Sequence store imports": "API manifest" and "Console manifest", their values unbroken.
const API = `{
  "sequenceStoreId": "3936421177",
  "roleArn": "arn:aws:iam::555555555555:role/OmicsImport",
  "sources":
  [
\t{
      "sourceFiles":
      {
        "source1": "s3://DOC-EXAMPLE-BUCKET/SRR233106_1.filt.fastq.gz",
        "source2": "s3://DOC-EXAMPLE-BUCKET/SRR233106_2.filt.fastq.gz"
      },
      "sourceFileType": "FASTQ",
      "subjectId": "mySubject",
      "sampleId": "mySample",
      "name": "HG00146",
      "description": "FASTQ for HG00146",
      "generatedFrom": "1000 Genomes"
    }
  ]
}
`;
const YAML = `# one uBAM
- sourceFiles:
    source1: s3://DOC-EXAMPLE-BUCKET/NA12878_A.bam
  sourceFileType: UBAM
  subjectId: mySubject
  sampleId: mySample
  name: NA12878_A
`;
const refusal = (text: string) => {
  try {
    readManifest('import.yaml', text);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  throw new Error('it was taken');
};

describe('an import manifest', () => {
  test('in JSON is what StartReadSetImportJob takes', () => {
    const { placeOf: _, placed: __, ...request } = readManifest('import.json', API);
    assert.deepEqual(request, JSON.parse(API.replaceAll('\t', '')));
  });

  test('in YAML, and as the console’s list of sources', () => {
    const { roleArn, sequenceStoreId, sources } = readManifest('import.yaml', YAML);
    assert.deepEqual(
      { roleArn, sequenceStoreId, sources },
      {
        roleArn: undefined,
        sequenceStoreId: undefined,
        sources: [
          {
            sourceFiles: { source1: 's3://DOC-EXAMPLE-BUCKET/NA12878_A.bam' },
            sourceFileType: 'UBAM',
            subjectId: 'mySubject',
            sampleId: 'mySample',
            name: 'NA12878_A',
          },
        ],
      },
    );
  });

  test('tells every fault with line and column', () => {
    const wrong = YAML.replace('UBAM', 'uBAM')
      .replace('sampleId: mySample', 'sampleId: 007')
      .replace('name:', 'nmae:')
      .replace('  subjectId: mySubject\n', '');
    assert.deepEqual(refusal(wrong), [
      'import.yaml:6:9: sources[0].nmae is not known; known: sourceFiles, sourceFileType, subjectId, sampleId, ' +
        'generatedFrom, referenceArn, name, description, tags',
      'import.yaml:4:19: sources[0].sourceFileType must be one of BAM, CRAM, FASTQ, UBAM, not "uBAM"',
      'import.yaml:2:3: sources[0].subjectId is missing',
      'import.yaml:5:13: sources[0].sampleId must be text, not the number 7: put it in quotes',
    ]);
  });

  test('tells where it is no YAML or JSON at all, and a member that is there twice', () => {
    assert.match(refusal('sources:\n  - [1, 2\n')[0]!, /^import\.yaml:\d:\d+: .*/);
    assert.match(refusal(`${YAML}  name: again\n`)[0]!, /^import\.yaml:8:3: .*unique/);
    assert.deepEqual(refusal(''), [
      'import.yaml:1:1: the manifest must be an object with sequenceStoreId, roleArn, sources',
    ]);
    assert.match(
      refusal('sources: []')[0]!,
      /^import\.yaml:1:10: sources must be a list of at least one source/,
    );
  });

  test('finds the place of what the server says', () => {
    const { placed } = readManifest('import.yaml', YAML);
    const missing = 'sources[0].referenceArn is missing: an aligned read set (BAM) needs its reference.';
    assert.equal(placed(missing), `import.yaml:2:3: ${missing}`);
    const constraint = "Value '' at 'sources.1.member.sampleId' failed to satisfy constraint: …";
    assert.equal(placed(constraint), `import.yaml:6:13: ${constraint}`);
    assert.equal(placed('The store is full.'), 'The store is full.');
  });
});
