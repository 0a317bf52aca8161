import type { Answer, BucketCall, Call, ObjectCall, ViewCall } from './call.ts';

interface Common {
  /** AWS's name: `PutObject`. */
  readonly name: string;
  /** The IAM action: `s3:PutObject`. */
  readonly action: string;
  readonly readOnly: boolean;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Query parameters that make a request this operation: `uploads`, or with their value `list-type=2`. */
  readonly requires?: readonly string[];
  /** The request names a source in `x-amz-copy-source`. */
  readonly copies?: boolean;
}

interface OnService extends Common {
  readonly on: 'service';
  readonly handle: (call: Call) => Promise<Answer>;
}
/** On a bucket's name, whether there is such a bucket or not. */
interface OnName extends Common {
  readonly on: 'name';
  readonly handle: (call: Call, name: string) => Promise<Answer>;
}
interface OnBucket extends Common {
  readonly on: 'bucket';
  readonly handle: (call: BucketCall) => Promise<Answer>;
  readonly view?: (call: ViewCall) => Promise<Answer>;
}
interface OnObject extends Common {
  readonly on: 'object';
  readonly handle: (call: ObjectCall) => Promise<Answer>;
  readonly view?: (call: ViewCall) => Promise<Answer>;
}

/** An S3 operation is an entry in a table: routing, authorization and audit read it. */
export type S3Operation = OnService | OnName | OnBucket | OnObject;
