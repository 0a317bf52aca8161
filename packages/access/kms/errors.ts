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

/** What S3 answers of an object whose key does not let the caller. */
export const objectKeyErrors = defineErrors({
  callerMayNot: { code: 'AccessDenied', status: 403, message: '{message}', remedy: '' },
  missing: {
    code: 'KMS.NotFoundException',
    status: 400,
    message: 'The key {key} does not exist.',
    remedy: '',
  },
  disabled: {
    code: 'KMS.DisabledException',
    status: 400,
    message: '{key} is disabled.',
    remedy: 'EnableKey enables it again.',
  },
  stateWrong: {
    code: 'KMS.KMSInvalidStateException',
    status: 400,
    message: '{key} is {state}.',
    remedy: '',
  },
});

/** What a store answers whose key does not let it. */
export const storeKeyErrors = defineErrors({
  callerMayNot: { code: 'AccessDeniedException', status: 403, message: '{message}', remedy: '' },
  serviceMayNot: {
    code: 'AccessDeniedException',
    status: 403,
    message: 'The key {key} does not let HealthOmics ({service}) use it.',
    remedy:
      'Its key policy must allow the service kms:Decrypt, DescribeKey, Encrypt, GenerateDataKey* and ReEncrypt*, or its grant must stand.',
  },
  keyOff: {
    code: 'AccessDeniedException',
    status: 403,
    message: 'The key {key} that the store is encrypted with is {state}.',
    remedy: 'The store answers again when the key is enabled.',
  },
  keyGone: {
    code: 'AccessDeniedException',
    status: 403,
    message: 'The key {key} that the store is encrypted with does not exist any more.',
    remedy: 'What was encrypted with it cannot be read again.',
  },
});
