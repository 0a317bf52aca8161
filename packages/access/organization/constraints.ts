import type { OperationConstraints } from '@helicase/wire';

/** Bounds of Organizations' API model for the operations that this room answers. */
const PolicyId = { pattern: 'p-[0-9a-zA-Z_]{8,128}' };
const TargetId = { pattern: '(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})' };
const Name = { min: 1, max: 128 };
const Description = { max: 512 };
/** "Maximum size of an SCP document: 5,120 characters." */
const Content = { min: 1, max: 5_120 };
const page = { MaxResults: { min: 1, max: 20 } };

export const organizationConstraints: Readonly<Record<string, OperationConstraints>> = {
  ListRoots: page,
  ListAccounts: page,
  CreatePolicy: { Name, Description, Content },
  UpdatePolicy: { PolicyId, Name, Description, Content },
  DescribePolicy: { PolicyId },
  DeletePolicy: { PolicyId },
  ListPolicies: page,
  AttachPolicy: { PolicyId, TargetId },
  DetachPolicy: { PolicyId, TargetId },
  ListPoliciesForTarget: { TargetId, ...page },
  ListTargetsForPolicy: { PolicyId, ...page },
};
