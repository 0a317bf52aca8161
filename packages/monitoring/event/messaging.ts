import type { Target } from '@aws-sdk/client-eventbridge';
import { parseArn } from '@helicase/kernel';
import { Undeliverable } from './undeliverable.ts';

/** A server that speaks SQS or SNS (AWS itself, ElasticMQ, ...), as the operator configured it. */
export interface MessagingEndpoint {
  readonly service: 'sqs' | 'sns';
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Accounts whose rules may use it; every account where absent. */
  readonly accounts?: readonly string[];
}

/** A queue or a topic, and who tells it. */
export interface MessagingTarget {
  readonly kind: 'messaging';
  readonly arn: string;
  readonly at: MessagingEndpoint;
}

export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
}

/** Milliseconds until an attempt that is not answered counts as failed. */
const TIMEOUT = 5_000;
/** What the same request may be answered better later. */
const PASSING: ReadonlySet<number> = new Set([403, 408, 429]);

/** Sends one message, signed as AWS's clients sign; rejects where it was not taken. */
export type Send = (message: QueuedMessage, signal: AbortSignal) => Promise<void>;

interface Clients {
  /** Sends a body to an ARN. */
  send(arn: string, body: string, ordered: object, abortSignal: AbortSignal): Promise<unknown>;
  close(): void;
}

/** The queues and topics that this server can tell. */
export class Messaging {
  readonly #endpoints: readonly MessagingEndpoint[];
  readonly #clients = new Map<MessagingEndpoint, Promise<Clients>>();

  constructor(endpoints: readonly MessagingEndpoint[]) {
    this.#endpoints = endpoints;
  }

  /** A queue or a topic; undefined where the ARN is none, or nobody here speaks to it for this account. */
  find(account: string, arn: string): MessagingTarget | undefined {
    const service = parseArn(arn)?.service;
    const at = this.#endpoints.find(
      (one) => one.service === service && (one.accounts === undefined || one.accounts.includes(account)),
    );
    return at && { kind: 'messaging', arn, at };
  }

  async sender({ arn, at }: MessagingTarget, { SqsParameters }: Target): Promise<Send> {
    const clients = await this.#clientsOf(at);
    const group = SqsParameters?.MessageGroupId ?? 'events';
    const ordered = (id: string) =>
      arn.endsWith('.fifo') ? { MessageGroupId: group, MessageDeduplicationId: id } : {};
    return ({ body, id }, signal) => taken(clients.send(arn, body, ordered(id), signal));
  }

  async close(): Promise<void> {
    for (const clients of this.#clients.values()) (await clients).close();
  }

  #clientsOf(at: MessagingEndpoint): Promise<Clients> {
    const known = this.#clients.get(at) ?? (at.service === 'sqs' ? sqsClients(at) : snsClients(at));
    this.#clients.set(at, known);
    return known;
  }
}

// The clients are loaded when there is something to send.
async function sqsClients(at: MessagingEndpoint): Promise<Clients> {
  const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const client = new SQSClient(clientOptions(at));
  return {
    send: (arn, MessageBody, ordered, abortSignal) =>
      client.send(new SendMessageCommand({ QueueUrl: queueUrl(at, arn), MessageBody, ...ordered }), {
        abortSignal,
      }),
    close: () => client.destroy(),
  };
}

async function snsClients(at: MessagingEndpoint): Promise<Clients> {
  const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
  const client = new SNSClient(clientOptions(at));
  return {
    send: (TopicArn, Message, ordered, abortSignal) =>
      client.send(new PublishCommand({ TopicArn, Message, ...ordered }), { abortSignal }),
    close: () => client.destroy(),
  };
}

function clientOptions({ credentials, endpoint, region }: MessagingEndpoint) {
  const requestHandler = { requestTimeout: TIMEOUT, connectionTimeout: TIMEOUT, throwOnRequestTimeout: true };
  return { endpoint, region, credentials, maxAttempts: 1, requestHandler };
}

function queueUrl({ endpoint }: MessagingEndpoint, arn: string): string {
  const { account, resource } = parseArn(arn)!;
  return `${endpoint.replace(/\/+$/, '')}/${account}/${resource}`;
}

async function taken(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    const { $metadata, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode ?? 500;
    throw status >= 400 && status < 500 && !PASSING.has(status) ? new Undeliverable(message) : error;
  }
}
