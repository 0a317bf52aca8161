import type { Target } from '@aws-sdk/client-eventbridge';
import { type Actor, parseArn, rootPrincipal, ServiceError } from '@helicase/kernel';
import type { BusEvent } from './bus-event.ts';
import { errors } from './errors.ts';
import type { EventRoom } from './event-room.ts';
import type { Rule } from './rule.ts';

interface Lost {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: BusEvent;
}

/** Where dead letters are kept that have no bucket: a log group of each account and Region. */
export const DEAD_LETTERS = '/aws/events/dead-letters';

/**
 * What a target did not take is kept with the reason, where it can be found and sent again: as an object where the
 * target's dead-letter configuration names a bucket and it takes it, or else in a log group.
 */
export async function deadLetter(room: EventRoom, lost: Lost, error: Error): Promise<void> {
  const { event, rule, target } = lost;
  const actor = { scope: rule.scope, principal: rootPrincipal(rule.scope.account) };
  const letter = { rule: rule.doc.name, target: target.Arn, reason: error.message, event };
  room.log.warn(
    { rule: rule.id, target: target.Id, event: event.id, reason: error.message },
    'an event was not taken',
  );
  if (await isKeptInBucket(room, actor, lost, JSON.stringify(letter))) return;
  const line = { timestamp: room.clock.now(), message: JSON.stringify(letter) };
  await room.writer.append(actor, DEAD_LETTERS, rule.doc.name, [line]);
  await room.writer.flush();
}

async function isKeptInBucket(room: EventRoom, actor: Actor, lost: Lost, letter: string): Promise<boolean> {
  const place = bucketOf(lost.target);
  if (place === undefined) return false;
  const { rule, target, event } = lost;
  // Its name is the event's: kept twice, it is there once.
  const uri = `${place}${rule.scope.account}/${rule.scope.region}/${rule.id}/${target.Id}/${event.id}.json`;
  try {
    await room.objects.put(actor, uri, Buffer.from(letter), 'application/json');
    return true;
  } catch (error) {
    room.log.warn(
      { error, uri },
      'a dead letter could not be written to its bucket: it goes to the log group',
    );
    return false;
  }
}

/**
 * Dead letters are written in the account's name: who names the bucket proves by a first, empty object that it may write
 * there. Throws ValidationException.
 */
export async function proveDeadLetters(room: EventRoom, actor: Actor, target: Target): Promise<void> {
  const arn = target.DeadLetterConfig?.Arn;
  if (arn === undefined) return;
  const place = bucketOf(target);
  const refuse = (reason: string) => errors.deadLetters({ id: target.Id!, arn, reason });
  if (place === undefined)
    throw refuse('dead letters are kept in buckets, arn:aws:s3:::bucket or arn:aws:s3:::bucket/prefix');
  const { account, region } = actor.scope;
  await room.objects.put(actor, `${place}${account}/${region}/`, new Uint8Array()).catch((error: unknown) => {
    throw error instanceof ServiceError ? refuse(error.message) : error;
  });
}

/** `s3://bucket/` or `s3://bucket/prefix/`; undefined where no bucket is named. */
function bucketOf({ DeadLetterConfig }: Target): string | undefined {
  const arn = parseArn(DeadLetterConfig?.Arn ?? '');
  if (arn?.service !== 's3' || arn.resource === '') return undefined;
  return `s3://${arn.resource.replace(/\/+$/, '')}/`;
}
