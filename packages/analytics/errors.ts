import { defineErrors } from '@helicase/kernel';

/** Variant stores and their imports, with the codes that the API model gives each operation. */
export const errors = defineErrors({
  storeNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no variant store named "{name}" in account {account}, region {region}.',
    remedy: 'ListVariantStores shows those there are.',
  },
  storeExists: {
    code: 'ConflictException',
    status: 409,
    message: 'A variant store named "{name}" exists already.',
    remedy: 'Choose another name, or delete that store first.',
  },
  storeNotReady: {
    code: 'ValidationException',
    status: 400,
    message: 'Variant store "{name}" is {status}, and only an ACTIVE store can be imported into.',
    remedy: '',
  },
  storeBusy: {
    code: 'ConflictException',
    status: 409,
    message: 'Variant store "{name}" has {count} import jobs that are not finished.',
    remedy: 'Wait for them, cancel them, or delete with force.',
  },
  storeChanging: {
    code: 'ConflictException',
    status: 409,
    message: 'Variant store "{name}" is {status} and cannot be deleted now.',
    remedy: 'Wait until it is ACTIVE.',
  },
  referenceNeeded: {
    code: 'ValidationException',
    status: 400,
    message: 'reference.referenceArn must be given: the ARN of a reference in a reference store.',
    remedy: '',
  },
  referenceNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'The reference {arn} does not exist or is not ACTIVE.',
    remedy: 'Import it into a reference store first (StartReferenceImportJob).',
  },
  badSource: {
    code: 'ValidationException',
    status: 400,
    message: 'items[{index}].source "{source}" is no object: it must be s3://bucket/key.',
    remedy: '',
  },
  tooManyItems: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message: 'An import job takes {limit} files at most, {count} were given.',
    remedy: 'Start several jobs.',
  },
  badAnnotationField: {
    code: 'ValidationException',
    status: 400,
    message: 'annotationFields names "{field}", and only VEP can be parsed.',
    remedy: 'Give the INFO key of the VEP annotation as the value of "VEP".',
  },
  noNormalization: {
    code: 'ValidationException',
    status: 400,
    message:
      'runLeftNormalization needs the bases of the reference, which this server does not hand to analytics.',
    remedy: 'Normalize with `bcftools norm -f` before the import.',
  },
  jobNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no variant import job {id} in account {account}, region {region}.',
    remedy: '',
  },
  jobEnded: {
    code: 'ValidationException',
    status: 400,
    message: 'Variant import job {id} is {status} and cannot be cancelled any more.',
    remedy: '',
  },
});
