import { defineErrors } from '@helicase/kernel';

/** KMS's codes as its API reference has them. */
export const kmsErrors = defineErrors({
  accessDenied: { code: 'AccessDeniedException', status: 400, message: '{message}', remedy: '' },
  keyMissing: {
    code: 'NotFoundException',
    status: 400,
    message: "Key '{key}' does not exist.",
    remedy: '',
  },
  aliasMissing: {
    code: 'NotFoundException',
    status: 400,
    message: 'Alias {alias} is not found.',
    remedy: '',
  },
  aliasExists: {
    code: 'AlreadyExistsException',
    status: 400,
    message: 'An alias with the name {alias} already exists.',
    remedy: '',
  },
  aliasForm: {
    code: 'InvalidAliasNameException',
    status: 400,
    message: 'Alias "{alias}" must begin with alias/, and not with alias/aws/.',
    remedy: '',
  },
  disabled: {
    code: 'DisabledException',
    status: 400,
    message: '{key} is disabled.',
    remedy: 'EnableKey enables it again.',
  },
  stateWrong: {
    code: 'KMSInvalidStateException',
    status: 400,
    message: '{key} is pending deletion or not in the state that the operation needs: {state}.',
    remedy: '',
  },
  ciphertext: {
    code: 'InvalidCiphertextException',
    status: 400,
    message:
      'The ciphertext cannot be opened: it was altered, is of another key, or has another encryption context.',
    remedy: '',
  },
  otherKey: {
    code: 'IncorrectKeyException',
    status: 400,
    message: 'The key ID in the request does not identify a CMK that can perform this operation.',
    remedy: '',
  },
  policyMalformed: { code: 'MalformedPolicyDocumentException', status: 400, message: '{fault}', remedy: '' },
  lockout: {
    code: 'MalformedPolicyDocumentException',
    status: 400,
    message: 'The new key policy will not allow you to update the key policy in the future.',
    remedy: 'Keep kms:PutKeyPolicy for yourself or the account, or set BypassPolicyLockoutSafetyCheck.',
  },
  unsupported: {
    code: 'UnsupportedOperationException',
    status: 400,
    message:
      'Only symmetric keys for encryption with material of this server are made: {what} is not supported.',
    remedy: '',
  },
  grantMissing: {
    code: 'NotFoundException',
    status: 400,
    message: 'Grant {grant} is not found.',
    remedy: '',
  },
});
