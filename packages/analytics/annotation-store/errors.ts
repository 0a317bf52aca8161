import { defineErrors } from '@helicase/kernel';

/** Annotation stores, their versions and imports, with the codes that the API model gives each operation. */
export const annotationErrors = defineErrors({
  storeNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no annotation store named "{name}" in account {account}, region {region}.',
    remedy: 'ListAnnotationStores shows those there are.',
  },
  storeExists: {
    code: 'ConflictException',
    status: 409,
    message: 'An annotation store named "{name}" exists already.',
    remedy: 'Choose another name, or delete that store first.',
  },
  storeNotReady: {
    code: 'ValidationException',
    status: 400,
    message:
      'Annotation store "{name}" is {status}, and only an ACTIVE store can be changed or imported into.',
    remedy: '',
  },
  storeBusy: {
    code: 'ConflictException',
    status: 409,
    message: 'Annotation store "{name}" has {count} import jobs that are not finished.',
    remedy: 'Wait for them, cancel them, or delete with force.',
  },
  storeHasVersions: {
    code: 'ConflictException',
    status: 409,
    message: 'Annotation store "{name}" has {count} versions, and only a store with one can be deleted.',
    remedy: 'Delete the others first (DeleteAnnotationStoreVersions).',
  },
  storeChanging: {
    code: 'ConflictException',
    status: 409,
    message: 'Annotation store "{name}" is {status} and cannot be deleted now.',
    remedy: 'Wait until it is ACTIVE.',
  },
  referenceNeeded: {
    code: 'ValidationException',
    status: 400,
    message:
      'reference.referenceArn must be given: only TSV stores with GENERIC annotations have no reference.',
    remedy: '',
  },
  badLayout: {
    code: 'ValidationException',
    status: 400,
    message: 'The TSV options cannot be used: {problem}.',
    remedy: '',
  },
  tsvOptionsMisplaced: {
    code: 'ValidationException',
    status: 400,
    message: 'TSV options are given, and the store’s format is {format}.',
    remedy: 'Leave them out, or create a store of format TSV.',
  },
  versionNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'Annotation store "{store}" has no version named "{name}".',
    remedy: 'ListAnnotationStoreVersions shows those there are.',
  },
  versionExists: {
    code: 'ConflictException',
    status: 409,
    message: 'Annotation store "{store}" has a version named "{name}" already.',
    remedy: 'Choose another name, or delete that version first.',
  },
  tooManyVersions: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message: 'An annotation store has {limit} versions at most, and "{store}" has them.',
    remedy: 'Delete a version that is not needed any more.',
  },
  versionNotReady: {
    code: 'ValidationException',
    status: 400,
    message:
      'Version "{name}" of annotation store "{store}" is {status}, and only an ACTIVE one can be imported into.',
    remedy: '',
  },
  versionNeeded: {
    code: 'ValidationException',
    status: 400,
    message:
      'Annotation store "{store}" has {count} versions and none named as the store: versionName must be given.',
    remedy: '',
  },
  oneFile: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message: 'An annotation import job takes one file, {count} were given.',
    remedy: 'Start a job for each.',
  },
  formatMismatch: {
    code: 'ValidationException',
    status: 400,
    message: 'formatOptions has {given}, and the store’s format is {format}.',
    remedy: '',
  },
  badReadOptions: {
    code: 'ValidationException',
    status: 400,
    message: 'readOptions cannot be used: {problem}.',
    remedy: '',
  },
  nothingToNormalize: {
    code: 'ValidationException',
    status: 400,
    message: 'runLeftNormalization needs alleles and a reference, which {what} does not have.',
    remedy: 'Leave it out, or use VCF or a TSV annotation type with REF and ALT.',
  },
  jobNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no annotation import job {id} in account {account}, region {region}.',
    remedy: '',
  },
  jobEnded: {
    code: 'ValidationException',
    status: 400,
    message: 'Annotation import job {id} is {status} and cannot be cancelled any more.',
    remedy: '',
  },
});
