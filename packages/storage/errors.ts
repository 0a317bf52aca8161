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
  jobNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no {noun} {id} in {kind} {store}.',
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
  storeFull: {
    code: 'ServiceQuotaExceededException',
    status: 402,
    message:
      '{kind} {id} may have {most} {things}, and has {taken} with those that are being imported or uploaded.',
    remedy: 'Delete what is not needed, use another store, or request an increase of the quota.',
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
  archivedObject: {
    code: 'InvalidObjectState',
    status: 403,
    message: "The operation is not valid for the object's access tier: read set {id} is {status}.",
    remedy: 'StartReadSetActivationJob restores it at the same URI.',
  },
  readSetNotActive: {
    code: 'ConflictException',
    status: 409,
    message: 'Read set {id} is {status}, its files can be read while it is ACTIVE.',
    remedy: '{hint}',
  },
  readSetBusy: {
    code: 'ConflictException',
    status: 409,
    message: 'Read set {id} is {status} and cannot be deleted now.',
    remedy: 'Delete it once that is over.',
  },
  accessPointNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no store in this account and region with the access point {arn}.',
    remedy: 'GetSequenceStore names it in s3Access.s3AccessPointArn.',
  },
  noAccessPolicy: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'The access point {arn} has no S3 access policy.',
    remedy: 'PutS3AccessPolicy gives it one.',
  },
  badAccessPolicy: {
    code: 'ValidationException',
    status: 400,
    message: 's3AccessPolicy cannot be used: {reason}.',
    remedy: '',
  },
  storeMemberFixed: {
    code: 'ValidationException',
    status: 400,
    message: '{member} cannot be changed after the sequence store was made: it is {now}.',
    remedy: 'Leave it out, or make a new store.',
  },
  accessLogLocation: {
    code: 'ValidationException',
    status: 400,
    message: 'Access logs cannot be written to {location}: {reason}',
    remedy: 'Name a bucket that is there and that you may write to (s3:PutObject).',
  },
  uploadNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'There is no upload {id} in progress in sequence store {store}.',
    remedy: 'ListMultipartReadSetUploads names those that there are.',
  },
  uploadReferenceRequired: {
    code: 'ValidationException',
    status: 400,
    message: 'referenceArn is missing: an aligned read set ({type}) needs its reference.',
    remedy: 'Import the reference into the reference store and name its ARN.',
  },
  secondSourceNotUploaded: {
    code: 'ValidationException',
    status: 400,
    message: 'partSource is SOURCE2, but a read set of type {type} has one file.',
    remedy: 'Only FASTQ comes in pairs.',
  },
  partTooLarge: {
    code: 'ValidationException',
    status: 400,
    message: 'Part {part} of {source} is larger than {limit} bytes.',
    remedy: 'Split the file into parts of 100 MiB or less.',
  },
  emptyPart: {
    code: 'ValidationException',
    status: 400,
    message: 'Part {part} of {source} is empty.',
    remedy: 'Send the bytes of the part as the body of the request.',
  },
  badPartList: {
    code: 'ValidationException',
    status: 400,
    message: 'The list of parts does not fit the upload: {reason}.',
    remedy:
      'Name every uploaded part once, in ascending order, with the checksum that UploadReadSetPart answered.',
  },
  partOutOfRange: {
    code: 'RangeNotSatisfiableException',
    status: 416,
    message: 'Part {part} is beyond the last part of {file}, which is part {total}.',
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
