import type { OperationConstraints } from '@helicase/wire';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const NAME = {
  min: 2,
  max: 256,
  pattern: '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*',
};
const REGISTRY = { pattern: '[0-9]{12}' };
const PAGE = { min: 1, max: 1000 };
const onOne: OperationConstraints = { repositoryName: NAME, registryId: REGISTRY };
const TAGS: OperationConstraints = {
  'tags[].Key': { min: 1, max: 128 },
  'tags[].Value': { min: 0, max: 256 },
};

export const ecrConstraints: Readonly<Record<string, OperationConstraints>> = {
  CreateRepository: { ...onOne, ...TAGS },
  DescribeRepositories: {
    ...{ registryId: REGISTRY, maxResults: PAGE },
    ...{ repositoryNames: { min: 1, max: 100 }, 'repositoryNames[]': NAME },
  },
  DeleteRepository: onOne,
  SetRepositoryPolicy: { ...onOne, policyText: { min: 0, max: 10_240 } },
  GetRepositoryPolicy: onOne,
  DeleteRepositoryPolicy: onOne,
  PutImageTagMutability: onOne,
  DescribeImages: { ...onOne, maxResults: PAGE, imageIds: { min: 1, max: 100 } },
  ListImages: { ...onOne, maxResults: PAGE },
  BatchGetImage: { ...onOne, imageIds: { min: 1, max: 100 } },
  BatchDeleteImage: { ...onOne, imageIds: { min: 1, max: 100 } },
  TagResource: TAGS,
};
