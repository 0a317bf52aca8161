import { defineErrors } from '@helicase/kernel';

/** IAM's codes as its API reference has them; ValidationException is HealthOmics' for a role that a job names. */
export const errors = defineErrors({
  roleExists: {
    code: 'EntityAlreadyExists',
    status: 409,
    message: 'Role with name {name} already exists.',
    remedy: 'Choose another name, or use the role that is there.',
  },
  roleMissing: {
    code: 'NoSuchEntity',
    status: 404,
    message: 'The role with name {name} cannot be found.',
    remedy: 'ListRoles names the roles of this account.',
  },
  policyMissing: {
    code: 'NoSuchEntity',
    status: 404,
    message: 'The role policy with name {policy} of role {name} cannot be found.',
    remedy: 'ListRolePolicies names the inline policies of a role.',
  },
  policyMalformed: {
    code: 'MalformedPolicyDocument',
    status: 400,
    message: 'Syntax error in {what}: {fault}.',
    remedy: 'A policy document is a JSON object with a Statement.',
  },
  roleHasPolicies: {
    code: 'DeleteConflict',
    status: 409,
    message: 'Cannot delete entity {name}, must delete policies first: {policies}.',
    remedy: 'Delete them with DeleteRolePolicy.',
  },
  markerInvalid: {
    code: 'ValidationError',
    status: 400,
    message: 'Invalid Marker.',
    remedy: 'Give the Marker of the page before, of the same list.',
  },
  roleArnMalformed: {
    code: 'ValidationException',
    status: 400,
    message: 'The role ARN {arn} has not the form arn:aws:iam::<account>:role/<name>.',
    remedy: 'Give the ARN that CreateRole or GetRole answered.',
  },
  roleOfAnotherAccount: {
    code: 'ValidationException',
    status: 400,
    message: 'The role {arn} is not of account {account}.',
    remedy: 'A job acts as a role of the account that starts it.',
  },
  roleUnknown: {
    code: 'ValidationException',
    status: 400,
    message: 'The role {arn} does not exist.',
    remedy: 'Create it with iam CreateRole first.',
  },
});
