import { defineErrors } from '@helicase/kernel';

/** RAM's codes for invitations. */
export const ramErrors = defineErrors({
  malformedArn: {
    code: 'MalformedArnException',
    status: 400,
    message: '"{arn}" is not the ARN of a resource share invitation.',
    remedy: 'GetResourceShareInvitations names those of this account.',
  },
  missing: {
    code: 'ResourceShareInvitationArnNotFoundException',
    status: 400,
    message: 'The invitation {arn} does not exist.',
    remedy: 'GetResourceShareInvitations names those of this account.',
  },
  accepted: {
    code: 'ResourceShareInvitationAlreadyAcceptedException',
    status: 400,
    message: 'The invitation {arn} was accepted already.',
    remedy: '',
  },
});
