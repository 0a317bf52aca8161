import { defineErrors } from '@helicase/kernel';

/** Every error of the storage API that a client may see. Codes as the API model lists them for the operations. */
export const errors = defineErrors({
  referenceStoreNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no reference store {id} in this account and region.',
    remedy: 'ListReferenceStores names the one that there is.',
  },
  sequenceStoreNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no sequence store {id} in this account and region.',
    remedy: 'ListSequenceStores names those that there are.',
  },
  referenceNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no reference {id} in reference store {store}.',
    remedy: 'ListReferences names those that there are.',
  },
  referenceArnNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no reference {arn} in this account and region.',
    remedy: 'ListReferences names those that there are.',
  },
  readSetNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no read set {id} in sequence store {store}.',
    remedy: 'ListReadSets names those that there are.',
  },
  importJobNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no import job {id} in {kind} {store}.',
    remedy: '',
  },
  fileNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: '{owner} has no file {file}.',
    remedy: 'Its metadata lists the files that it has.',
  },
  oneReferenceStore: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message: 'This account has its one reference store in this region already: {id}.',
    remedy: 'Use that one, or delete it first.',
  },
  storeNotEmpty: {
    code: 'ConflictException',
    status: 409,
    message: '{kind} {id} still holds {what}.',
    remedy: 'Only an empty store can be deleted.',
  },
  referenceInUse: {
    code: 'ConflictException',
    status: 409,
    message: 'Reference {id} is in use by {user}.',
    remedy: 'Delete what uses it first.',
  },
  partOutOfRange: {
    code: 'RangeNotSatisfiableException',
    status: 416,
    message: 'Part {part} is beyond the last part of {file}, which has {total}.',
    remedy: '',
  },
  rangeOutOfPart: {
    code: 'RangeNotSatisfiableException',
    status: 416,
    message: 'Range {range} begins beyond the end of part {part} of {file}, which has {length} bytes.',
    remedy: '',
  },
  badRange: {
    code: 'ValidationException',
    status: 400,
    message: 'Range {range} is not of the form bytes=first-last.',
    remedy: 'Ask for one range of bytes, for example bytes=0-1023.',
  },
  badFilter: {
    code: 'ValidationException',
    status: 400,
    message: 'filter.{after} ({afterValue}) is later than filter.{before} ({beforeValue}).',
    remedy: 'No resource can match.',
  },
  customerKey: {
    code: 'ValidationException',
    status: 400,
    message: 'sseConfig.keyArn names {key}, but this server has no customer managed keys.',
    remedy: "Leave keyArn out: the store's bytes are sealed under a key of its own.",
  },
  referenceRequired: {
    code: 'ValidationException',
    status: 400,
    message: 'sources[{index}].referenceArn is missing: an aligned read set ({type}) needs its reference.',
    remedy: 'Import the reference into the reference store and name its ARN.',
  },
  secondSourceNotFastq: {
    code: 'ValidationException',
    status: 400,
    message: 'sources[{index}].sourceFiles.source2 is given, but a read set of type {type} has one file.',
    remedy: 'Only FASTQ comes in pairs.',
  },
  sameSourceTwice: {
    code: 'ValidationException',
    status: 400,
    message: 'sources[{index}].sourceFiles names {uri} as source1 and as source2.',
    remedy: 'The files of a pair are two.',
  },
  badOmicsUri: {
    code: 'ValidationException',
    status: 400,
    message: '{uri} is not a HealthOmics storage URI.',
    remedy:
      'Write omics://ACCOUNT.storage.REGION.amazonaws.com/STORE/readSet/ID[/source1|source2|index] or …/STORE/reference/ID[/source|index].',
  },
  otherWorld: {
    code: 'AccessDeniedException',
    status: 403,
    message: '{uri} is of another account or region than {principal} acts in.',
    remedy: '',
  },
});
