import type { MemberConstraint, OperationConstraints } from '@helicase/wire';

/** Bounds of the Resource Groups Tagging API's model. */
const arns: OperationConstraints = {
  ResourceARNList: { min: 1, max: 20 },
  'ResourceARNList[]': { min: 1, max: 1011 },
};
const key: MemberConstraint = { min: 1, max: 128 };

export const taggingConstraints: Readonly<Record<string, OperationConstraints>> = {
  GetResources: {
    ResourceARNList: { min: 1, max: 100 },
    'ResourceARNList[]': { min: 1, max: 1011 },
    ResourcesPerPage: { min: 1, max: 100 },
    TagsPerPage: { min: 100, max: 500 },
    TagFilters: { max: 50 },
    'TagFilters[].Key': key,
    'TagFilters[].Values': { max: 20 },
    'TagFilters[].Values[]': { max: 256 },
    'ResourceTypeFilters[]': { max: 256 },
  },
  GetTagValues: { Key: key },
  TagResources: { ...arns, Tags: { min: 1, max: 50 }, 'Tags{key}': key, 'Tags{}': { max: 256 } },
  UntagResources: { ...arns, TagKeys: { min: 1, max: 50 }, 'TagKeys[]': key },
};
