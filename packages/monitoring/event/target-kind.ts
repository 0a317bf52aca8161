import type { Target } from '@aws-sdk/client-eventbridge';
import { parseArn, type Scope } from '@helicase/kernel';
import { parseEventArn } from './destination.ts';
import { errors } from './errors.ts';
import type { Messaging, MessagingTarget } from './messaging.ts';

/** Where a target's events go. */
export type TargetKind =
  | { readonly kind: 'destination'; readonly name: string; readonly uuid: string }
  | { readonly kind: 'logs'; readonly group: string }
  | MessagingTarget
  /** An operation of this server, in EventBridge Scheduler's form of a universal target. */
  | {
      readonly kind: 'operation';
      readonly service: string;
      readonly operation: string;
      readonly roleArn: string;
    };

/** Throws ValidationException where this server has no such kind of target, or it lacks what it needs. */
export function targetKind(
  messaging: Pick<Messaging, 'find'>,
  { account }: Scope,
  { Arn, Id, RoleArn }: Target,
): TargetKind {
  const [arn, id] = [Arn!, Id!];
  const destination = parseEventArn(arn, 'api-destination');
  if (destination) return { kind: 'destination', ...destination };
  const queue = messaging.find(account, arn);
  if (queue) return queue;
  const parsed = parseArn(arn);
  if (parsed?.service === 'logs' && parsed.resource.startsWith('log-group:')) {
    return { kind: 'logs', group: parsed.resource.replace(/^log-group:/, '').replace(/:\*$/, '') };
  }
  const universal = /^arn:aws:scheduler:::aws-sdk:([a-z]+):([a-z][A-Za-z]+)$/.exec(arn);
  if (!universal)
    throw errors.targetUnsupported({ id, arn, reason: 'nothing here can be told at such an ARN' });
  if (!RoleArn) throw errors.targetUnsupported({ id, arn, reason: 'an operation needs a RoleArn to act as' });
  const [, service, name] = universal as unknown as [string, string, string];
  return { kind: 'operation', service, operation: name[0]!.toUpperCase() + name.slice(1), roleArn: RoleArn };
}
