import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ContainerRegistryMap } from '@aws-sdk/client-omics';
import { mappedImage } from './registry-map.ts';

const scope = { account: '111122223333', region: 'us-west-2' };
const ECR = '111122223333.dkr.ecr.us-west-2.amazonaws.com';

describe('the container registry map', () => {
  // "Use a container registry map to specify mappings between the ECR private repository and one or more upstream registries."
  const map: ContainerRegistryMap = {
    registryMappings: [
      { upstreamRegistryUrl: 'registry-1.docker.io', ecrRepositoryPrefix: 'docker-hub' },
      { upstreamRegistryUrl: 'https://quay.io', ecrRepositoryPrefix: 'quay', ecrAccountId: '444455556666' },
      {
        upstreamRegistryUrl: 'public.ecr.aws',
        ecrRepositoryPrefix: 'public',
        upstreamRepositoryPrefix: 'aws-genomics',
      },
    ],
    imageMappings: [{ sourceImage: 'ubuntu:22.04', destinationImage: `${ECR}/base/ubuntu:22.04` }],
  };
  const cases = [
    [
      'quay.io/biocontainers/bwa:0.7.17',
      '444455556666.dkr.ecr.us-west-2.amazonaws.com/quay/biocontainers/bwa:0.7.17',
    ],
    ['broadinstitute/gatk:4.5', `${ECR}/docker-hub/broadinstitute/gatk:4.5`],
    ['docker.io/broadinstitute/gatk', `${ECR}/docker-hub/broadinstitute/gatk`],
    ['ubuntu:22.04', `${ECR}/base/ubuntu:22.04`],
    ['public.ecr.aws/aws-genomics/fastqc:1', `${ECR}/public/fastqc:1`],
    ['public.ecr.aws/other/fastqc:1', 'public.ecr.aws/other/fastqc:1'],
    [`${ECR}/own:1`, `${ECR}/own:1`],
  ] as const;
  for (const [image, where] of cases) {
    test(`${image} is had at ${where}`, () => assert.equal(mappedImage(map, scope, image), where));
  }

  test('without a map an image is where it says', () => {
    assert.equal(mappedImage(undefined, scope, 'ubuntu:22.04'), 'ubuntu:22.04');
  });
});
