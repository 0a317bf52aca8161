import type {
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  Target,
} from '@aws-sdk/client-eventbridge';
import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { proveDeadLetters } from './dead-letter.ts';
import { errors } from './errors.ts';
import type { EventRoom } from './event-room.ts';
import { busName, ruleArn } from './rule.ts';
import { findRule } from './rule-operations.ts';
import { cursorTables } from './tables.ts';
import { targetKind } from './target-kind.ts';
import { compileTargetInput } from './target-input.ts';

/** AWS's quota of targets for a rule. */
const MOST_TARGETS = 5;

export function targetOperations(room: EventRoom): readonly AnyOperation[] {
  const resources = (input: { Rule?: string; EventBusName?: string }, { scope }: OperationContext) => [
    ruleArn(scope, busName(input.EventBusName), input.Rule!),
  ];
  const common = { resources, quota: 'events' };
  return [
    defineOperation<PutTargetsRequest, PutTargetsResponse>({
      ...{ ...common, name: 'PutTargets', action: 'events:PutTargets', readOnly: false },
      handler: (input, context) => putTargets(room, input, context),
    }),
    defineOperation<RemoveTargetsRequest, RemoveTargetsResponse>({
      ...{ ...common, name: 'RemoveTargets', action: 'events:RemoveTargets', readOnly: false },
      handler: (input, context) => removeTargets(room, input, context),
    }),
    defineOperation<ListTargetsByRuleRequest, ListTargetsByRuleResponse>({
      ...{ ...common, name: 'ListTargetsByRule', action: 'events:ListTargetsByRule', readOnly: true },
      handler: async (input, { scope }) => {
        const { doc } = await findRule(room, room.records.direct, scope, input);
        return { Targets: [...doc.targets] };
      },
    }),
  ];
}

/** Adds targets or replaces those of the same id. A new one is told what happens from now on. */
async function putTargets(
  room: EventRoom,
  input: PutTargetsRequest,
  { principal, scope }: OperationContext,
): Promise<PutTargetsResponse> {
  for (const target of input.Targets!) {
    targetKind(room.messaging, scope, target);
    compileTargetInput(target);
    await proveDeadLetters(room, { principal, scope }, target);
  }
  const position = await room.records.lastPosition();
  await room.records.transaction(async (tx) => {
    const { id } = await findRule(room, tx, scope, input);
    const { doc } = (await room.rules.hold(tx, scope, id))!;
    const targets = merged(doc.targets, input.Targets!);
    if (targets.length > MOST_TARGETS) {
      throw errors.tooManyTargets({ name: doc.name, count: targets.length, most: MOST_TARGETS });
    }
    await room.rules.update(tx, scope, id, (before) => ({ ...before, targets }));
    for (const { Id } of input.Targets!) await beginAt(tx, scope, id, Id!, position);
  });
  return { FailedEntryCount: 0, FailedEntries: [] };
}

function merged(before: readonly Target[], given: readonly Target[]): readonly Target[] {
  const ids = new Set(given.map(({ Id }) => Id));
  return [...before.filter(({ Id }) => !ids.has(Id)), ...given];
}

async function beginAt(
  tx: Transaction,
  scope: Scope,
  rule: string,
  target: string,
  position: number,
): Promise<void> {
  const { account, region } = scope;
  await cursorTables(tx)
    .insertInto('event_cursor')
    .values({ account, region, rule, target, position })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function removeTargets(
  room: EventRoom,
  input: RemoveTargetsRequest,
  { scope }: OperationContext,
): Promise<RemoveTargetsResponse> {
  await room.records.transaction(async (tx) => {
    const { id } = await findRule(room, tx, scope, input);
    await room.rules.update(tx, scope, id, (doc) => ({
      ...doc,
      targets: doc.targets.filter(({ Id }) => !input.Ids!.includes(Id!)),
    }));
    await cursorTables(tx)
      .deleteFrom('event_cursor')
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('rule', '=', id)
      .where('target', 'in', input.Ids!)
      .execute();
  });
  return { FailedEntryCount: 0, FailedEntries: [] };
}
