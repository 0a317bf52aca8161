import { defineErrors } from '@helicase/kernel';

/** The codes of Organizations' API reference. */
export const organizationErrors = defineErrors({
  notManaging: {
    code: 'AccessDeniedException',
    status: 400,
    message: "You don't have permissions to access this resource.",
    remedy: 'Only the management account may: DescribeOrganization names it.',
  },
  policyMissing: {
    code: 'PolicyNotFoundException',
    status: 400,
    message: 'There is no policy {policy}.',
    remedy: 'ListPolicies names those of this organization.',
  },
  targetMissing: {
    code: 'TargetNotFoundException',
    status: 400,
    message: 'There is no root or account {target}.',
    remedy: 'ListRoots and ListAccounts name them.',
  },
  nameTaken: {
    code: 'DuplicatePolicyException',
    status: 400,
    message: 'A policy with the name {name} already exists.',
    remedy: 'Choose another name, or use UpdatePolicy.',
  },
  attachedAlready: {
    code: 'DuplicatePolicyAttachmentException',
    status: 400,
    message: 'The policy {policy} is attached to {target} already.',
    remedy: '',
  },
  notAttached: {
    code: 'PolicyNotAttachedException',
    status: 400,
    message: 'The policy {policy} is not attached to {target}.',
    remedy: 'ListPoliciesForTarget names what is.',
  },
  inUse: {
    code: 'PolicyInUseException',
    status: 400,
    message: 'The policy {policy} is attached to {targets}.',
    remedy: 'Detach it first.',
  },
  malformed: { code: 'MalformedPolicyDocumentException', status: 400, message: '{fault}', remedy: '' },
  lastPolicy: {
    code: 'ConstraintViolationException',
    status: 400,
    message: 'The policy {policy} is the last one of {target}, which must have one.',
    remedy: 'Attach another policy first; without one nothing would be allowed.',
  },
  tooMany: {
    code: 'ConstraintViolationException',
    status: 400,
    message: 'There are {limit} policies {where}, which is the most there can be.',
    remedy: '',
  },
  immutable: {
    code: 'ConstraintViolationException',
    status: 400,
    message: "{policy} is AWS's: it cannot be changed or deleted.",
    remedy: 'It can be detached.',
  },
  otherType: {
    code: 'PolicyTypeNotAvailableForOrganizationException',
    status: 400,
    message: 'Policies of type {type} are not known here.',
    remedy: 'SERVICE_CONTROL_POLICY is.',
  },
  tagged: {
    code: 'InvalidInputException',
    status: 400,
    message: 'Policies have no tags here.',
    remedy: 'Leave Tags out.',
  },
});
