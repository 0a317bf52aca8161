import type { Target } from '@aws-sdk/client-eventbridge';
import { rootPrincipal } from '@helicase/kernel';
import type { BusEvent } from './bus-event.ts';
import type { EventRoom } from './event-room.ts';
import type { Rule } from './rule.ts';

interface Lost {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: BusEvent;
}

/** Where dead letters are kept: a log group of each account and Region. */
export const DEAD_LETTERS = '/aws/events/dead-letters';

/** What a target did not take is kept with the reason in a log group, where it can be found and sent again. */
export async function deadLetter(
  room: EventRoom,
  { event, rule, target }: Lost,
  error: Error,
): Promise<void> {
  const actor = { scope: rule.scope, principal: rootPrincipal(rule.scope.account) };
  const message = JSON.stringify({ rule: rule.doc.name, target: target.Arn, reason: error.message, event });
  room.log.warn(
    { rule: rule.id, target: target.Id, event: event.id, reason: error.message },
    'an event was not taken',
  );
  await room.writer.append(actor, DEAD_LETTERS, rule.doc.name, [{ timestamp: room.clock.now(), message }]);
  await room.writer.flush();
}
