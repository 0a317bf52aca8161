import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Actor, Principal, Scope } from '@helicase/kernel';

/** What a handler knows of its request beyond the input. */
export interface OperationContext extends Actor {
  readonly scope: Scope;
  readonly principal: Principal;
  readonly requestId: string;
  /** Where the request came from. */
  readonly origin?: Origin;
  /** Aborted when the client goes away or the server stops. */
  readonly signal: AbortSignal;
  /** The endpoint as the client names it, for URLs in answers: `http://127.0.0.1:4600`. */
  readonly endpoint?: string;
  /**
   * Keeps the answer in the database transaction that makes it true, so that a client that repeats the request after a
   * crash gets it instead of a second resource. Present where the request carries an idempotency token.
   */
  readonly remember?: (transaction: object, output: unknown) => Promise<void>;
  /**
   * Takes a place in the account's quota, in the database transaction that makes the resource and before anything else in
   * it; refuses what would be one too many. Present where a quota counts what the operation makes.
   */
  readonly reserve?: (transaction: object) => Promise<void>;
}

/** A private endpoint: a further listener with a policy of its own. */
export interface Endpoint {
  /** `aws:SourceVpce`. */
  readonly id: string;
  /** The service that it is of, as PrivateLink names it: `storage-omics`, `s3`; absent: all that the server speaks. */
  readonly service?: string;
  /** A policy document; absent: everything is let through. */
  readonly policy?: string;
}

/** A streamed response body: the handler answers it in the output's streaming member (`payload`). */
export interface StreamedPayload {
  readonly stream: Readable;
  /** Bytes that the stream will give; becomes Content-Length. */
  readonly length: number;
  /** Set where the request asked for a Range and got it: `bytes 0-9/100`; answers 206. */
  readonly contentRange?: string;
}

/** What a handler answers in the output's event stream: each event is one member of the union, by its name. */
export type EventStream = AsyncIterable<Readonly<Record<string, unknown>>>;

/**
 * One API operation: an entry in a table (idea 1 of ARCHITECTURE.md). Routing, decoding, validation,
 * authentication, authorization, throttling, audit and the coverage page read it; the handler contains none of them.
 */
export interface Operation<Input = never, Output = unknown> {
  /** The operation's name in the API model, for example `StartRun`. */
  readonly name: string;
  /** The IAM action, for example `omics:StartRun`. */
  readonly action: string;
  /** ARNs of the resources that the request names, from its input. */
  readonly resources: (
    input: Input,
    context: OperationContext,
  ) => readonly string[] | Promise<readonly string[]>;
  /** The service's own condition keys, from the input: `omics:Workflow`. */
  readonly conditions?: (input: Input, context: OperationContext) => ConditionKeys;
  /** The resource's own policies, where it has some: roles and keys. */
  readonly guard?: (input: Input, context: OperationContext) => Promise<ResourceGuard>;
  /** Actions of other services that it does in the caller's name, on any resource: the caller needs them too. */
  readonly forwards?: readonly { readonly action: string; readonly via: string }[];
  /** Nobody needs a permission for it; the handler decides. */
  readonly open?: boolean;
  /** Taken without a signature too (`AssumeRoleWithWebIdentity`): the handler finds out who asks. */
  readonly unsigned?: boolean;
  readonly readOnly: boolean;
  /** The bucket that throttling counts this operation in. */
  readonly quota: string;
  /** Absent: registered, and answered with NotSupportedOperationException naming the operation. */
  readonly handler?: (input: Input, context: OperationContext) => Promise<Output>;
}

/** An operation of unknown input, as tables hold them. */
export type AnyOperation = Operation<never, unknown>;

/** Types one entry and forgets its input, so that entries of different inputs share a table. */
export function defineOperation<Input, Output>(operation: Operation<Input, Output>): AnyOperation {
  return operation as unknown as AnyOperation;
}

export type Protocol = 'restJson1' | 'awsJson1_0' | 'awsJson1_1' | 'awsQuery';

/**
 * Bounds of one member, keyed by its path in the input: `name`, `ids[]` (each element), `tags{key}` (each key),
 * `tags{}` (each value), `a.b` (nested), as in the constraint table made from AWS's model.
 */
export interface MemberConstraint {
  /** Length of strings and blobs, size of lists and maps, value of numbers. */
  readonly min?: number;
  readonly max?: number;
  /** Anchored at both ends when applied; `u` flag. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
}
export type OperationConstraints = Readonly<Record<string, MemberConstraint>>;

/** One AWS service that the endpoint speaks: dispatched by the service name in the credential scope. */
export interface Service {
  /** The name in the credential scope: `omics`, `sts`, `iam`, `athena`, `logs`. */
  readonly name: string;
  readonly protocol: Protocol;
  /** The client module's exported schemas (`@aws-sdk/client-*`): all operations in it are registered. */
  readonly schemas: Readonly<Record<string, unknown>>;
  /** Entries by the rooms; an operation of the schemas without one is registered as not supported. */
  readonly operations: readonly AnyOperation[];
  /** By operation name. Where absent, only what the schema itself requires is checked. */
  readonly constraints?: Readonly<Record<string, OperationConstraints>>;
  /** One service for all regions (IAM, STS): signed for `us-east-1` or `aws-global` whatever the server's regions are. */
  readonly global?: boolean;
  /** XML namespace of the query protocol. */
  readonly xmlNamespace?: string;
}

/** A verified request for a service that speaks its own protocol on raw streams (S3). */
export interface RawRequest extends OperationContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path as on the wire (still percent-encoded) and decoded query, absolute-form and host style resolved. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Host header as received. */
  readonly host: string;
  /**
   * The body with the payload's signature (chunked or whole) verified as it is read and aws-chunked framing removed;
   * fails with the right error in the stream when a signature or declared hash does not match.
   */
  readonly body: Readable;
  /** Trailing headers of an aws-chunked body; complete once `body` has ended. */
  readonly trailers: ReadonlyMap<string, string>;
  /** Tells the observers what was asked and how it ends; awaited before the answer leaves. */
  readonly record: (operation: RawOperation, input: unknown, outcome: CallOutcome) => Promise<void>;
}

/** What observers are told of an operation of a raw service. */
export type RawOperation = Pick<AnyOperation, 'name' | 'action' | 'readOnly' | 'quota'> & {
  readonly resources: readonly string[];
};

export interface RawService {
  readonly name: string;
  /** What a request asks for, before anything of it is proven: refusals are recorded too. */
  readonly describe?: (
    request: Pick<RawRequest, 'request' | 'path' | 'query' | 'host' | 'scope'>,
  ) => { readonly operation: RawOperation; readonly input: unknown } | undefined;
  /** The bucket that the service reads from the Host, so that it is not in the path: version 2 signs it before the path. */
  readonly bucketOf?: (request: Pick<RawRequest, 'host' | 'scope'>) => string | undefined;
  readonly handle: (request: RawRequest) => Promise<void>;
}

export interface KnownKey {
  readonly secretAccessKey: string;
  readonly principal: Principal;
  /** Of a session that is over. */
  readonly expired?: true;
}

/** The secret and owner of an access key; undefined where unknown or disabled. */
export interface Credentials {
  /** Temporary credentials come with their session token; without it, or with another, there are none of that name. */
  find(accessKeyId: string, sessionToken?: string): Promise<KnownKey | undefined>;
}

/** Condition keys as AWS writes them; undefined: the request does not have the key. */
export type ConditionKeys = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a resource's side adds to the question whether somebody may. */
export type ResourceGuard = Pick<
  AuthorizationQuestion,
  'owner' | 'resourcePolicies' | 'needsResourcePolicy' | 'via'
> & { readonly conditions?: ConditionKeys };

export interface AuthorizationQuestion {
  readonly principal: Principal;
  readonly scope: Scope;
  /** As AWS writes it: `omics:GetRun`. */
  readonly action: string;
  /** Each must be allowed. */
  readonly resources: readonly string[];
  /** Keys of the request beyond the global ones. */
  readonly conditions?: ConditionKeys;
  /** Absent where a job asks. */
  readonly origin?: Origin;
  /** The account that owns the resources, where their ARNs do not say (S3). */
  readonly owner?: string;
  /** The resource's own policies, JSON texts. */
  readonly resourcePolicies?: readonly string[];
  /** Keys and roles: their own policy must allow it, or leave it to the account's. */
  readonly needsResourcePolicy?: boolean;
  /** The service in whose way the call is made: `aws:CalledViaLast`, `kms:ViaService`. */
  readonly via?: string;
  /** Tags of a resource, where the records' own are not meant: `s3:ExistingObjectTag`, asked for only when a policy does. */
  readonly tags?: () => Promise<Readonly<Record<string, string>> | undefined>;
}

export type Authorization =
  { readonly allowed: true } | { readonly allowed: false; readonly message: string };

/** May this principal do this? A step of its own between authentication and the handler. */
export interface Authorizer {
  authorize(question: AuthorizationQuestion): Promise<Authorization>;
}

/** Where a request came from, as audit records name it and conditions ask (`aws:SourceIp`). */
export interface Origin {
  /** The peer's IP address. */
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly secure: boolean;
  readonly referer?: string;
  /** Whether the signature came in a header or, presigned, in the query; and how many milliseconds ago it was made. */
  readonly signedBy?: 'header' | 'query';
  readonly signatureAge?: number;
  /** The private endpoint by which it came. */
  readonly endpoint?: Endpoint;
  /** Milliseconds. */
  readonly receivedAt?: number;
  /** The client's place in its own trace, as W3C's Trace Context has it; anyone can write it. */
  readonly traceParent?: string;
}

/** Places in the request's path that later rooms fill: throttling, audit and metering. */
export interface RequestObserver {
  /** Before the handler, after authorization. Throw a ServiceError (ThrottlingException) to refuse. */
  readonly admit?: (call: ObservedCall) => Promise<void>;
  /**
   * After the answer is decided and before it leaves, for every request whose key is known: denied and failed ones
   * included, also those whose signature was wrong.
   */
  readonly record?: (call: ObservedCall, outcome: CallOutcome) => void | Promise<void>;
}

export interface ObservedCall {
  readonly service: string;
  readonly operation: Pick<AnyOperation, 'name' | 'action' | 'readOnly' | 'quota'>;
  /** ARNs that the request names; none where it was refused before it was read. */
  readonly resources: readonly string[];
  readonly input: unknown;
  readonly context: OperationContext;
  readonly origin: Origin;
  readonly accessKeyId: string;
  /** The service that asks in the principal's name, as `events.amazonaws.com`; absent where nobody stands between. */
  readonly invokedBy?: string;
  /** True where that service asks of itself, in nobody's name. */
  readonly ofItself?: boolean;
}

/** How a request ends. */
export interface CallOutcome {
  readonly status: number;
  /** Of an error. */
  readonly code?: string;
  readonly message?: string;
  /** What the handler answered; absent where a repeated request got the answer that was kept. */
  readonly output?: unknown;
}

/** Remembers answers of requests that carry an idempotency token, so that a retry gets the first answer. */
export interface IdempotencyStore {
  /**
   * The stored answer for the token in this scope and operation; undefined where the caller is the first and shall
   * answer, then `remember` or `abandon`. Throws ConflictException where the same token came with another input
   * (`fingerprint`).
   */
  recall(scope: Scope, operation: string, token: string, fingerprint: string): Promise<unknown>;
  /** Within `transaction` where the handler gave one: the answer is then kept exactly if what it tells happened. */
  remember(
    scope: Scope,
    operation: string,
    token: string,
    fingerprint: string,
    output: unknown,
    transaction?: object,
  ): Promise<void>;
  /**
   * The handler failed after `recall` had answered undefined: a repetition is answered anew at once. Without it,
   * repetitions wait for the first request as if it were still being answered.
   */
  abandon?(scope: Scope, operation: string, token: string): Promise<void>;
}
