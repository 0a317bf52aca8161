import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  ListRuleNamesByTargetRequest,
  ListRuleNamesByTargetResponse,
  ListRulesRequest,
  ListRulesResponse,
  PutRuleRequest,
  PutRuleResponse,
  Rule as RuleFacts,
  TestEventPatternRequest,
  TestEventPatternResponse,
} from '@aws-sdk/client-eventbridge';
import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import type { EventRoom } from './event-room.ts';
import { tagsOfList } from '../tag/tag-rules.ts';
import { errors } from './errors.ts';
import { compilePattern } from './pattern.ts';
import { busArn, busName, DEFAULT_BUS, type Rule, ruleArn, ruleId } from './rule.ts';

const PAGE = 100;

export function ruleOperations(room: EventRoom): readonly AnyOperation[] {
  const one = (input: { Name?: string; EventBusName?: string }, { scope }: OperationContext) => [
    ruleArn(scope, busName(input.EventBusName), input.Name!),
  ];
  const entry = <Input, Output>(
    name: string,
    resources: (input: Input, context: OperationContext) => readonly string[],
    handler: (input: Input, context: OperationContext) => Promise<Output>,
  ) =>
    defineOperation<Input, Output>({
      ...{ name, action: `events:${name}`, resources, quota: 'events', handler },
      readOnly: /^(?:Describe|List|Test)/.test(name),
    });
  const onBus = (input: { EventBusName?: string }, { scope }: OperationContext) => [
    busArn(scope, busName(input.EventBusName)),
  ];
  return [
    entry<PutRuleRequest, PutRuleResponse>('PutRule', one, (input, context) => putRule(room, input, context)),
    entry<DescribeRuleRequest, DescribeRuleResponse>('DescribeRule', one, async (input, { scope }) =>
      described(await findRule(room, room.records.direct, scope, input)),
    ),
    entry<ListRulesRequest, ListRulesResponse>('ListRules', onBus, (input, context) =>
      listRules(room, input, context),
    ),
    entry<DeleteRuleRequest, object>('DeleteRule', one, (input, context) => deleteRule(room, input, context)),
    entry<DisableRuleRequest, object>('EnableRule', one, (input, context) =>
      turn(room, input, context, 'ENABLED'),
    ),
    entry<DisableRuleRequest, object>('DisableRule', one, (input, context) =>
      turn(room, input, context, 'DISABLED'),
    ),
    entry<ListRuleNamesByTargetRequest, ListRuleNamesByTargetResponse>(
      'ListRuleNamesByTarget',
      onBus,
      (input, context) => ruleNamesByTarget(room, input, context),
    ),
    entry<TestEventPatternRequest, TestEventPatternResponse>(
      'TestEventPattern',
      () => ['*'],
      async (input) => testPattern(input),
    ),
  ];
}

/** Also called to change a rule: targets stay. */
async function putRule(
  room: EventRoom,
  input: PutRuleRequest,
  { scope }: OperationContext,
): Promise<PutRuleResponse> {
  const bus = busName(input.EventBusName);
  if (input.EventPattern === undefined || input.ScheduleExpression !== undefined)
    throw errors.needsPattern({});
  compilePattern(input.EventPattern);
  const status = input.State === 'DISABLED' ? 'DISABLED' : 'ENABLED';
  const given = {
    ...{ bus, name: input.Name!, eventPattern: input.EventPattern },
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.RoleArn === undefined ? {} : { roleArn: input.RoleArn }),
  };
  const id = ruleId(bus, input.Name!);
  const tags = tagsOfList(input.Tags);
  await room.records.transaction(async (tx) => {
    await requireBus(room, tx, scope, bus);
    const before = await room.rules.hold(tx, scope, id);
    if (before) {
      await room.rules.update(tx, scope, id, ({ targets, tags: kept }) => ({
        ...given,
        targets,
        tags: kept,
      }));
      await room.rules.transition(tx, scope, id, status);
    } else {
      const doc = { ...given, targets: [], tags };
      await room.rules.insert(tx, { scope, id, parent: bus, status, doc });
    }
  });
  return { RuleArn: ruleArn(scope, bus, input.Name!) };
}

async function listRules(
  room: EventRoom,
  input: ListRulesRequest,
  { scope }: OperationContext,
): Promise<ListRulesResponse> {
  const bus = busName(input.EventBusName);
  await requireBus(room, room.records.direct, scope, bus);
  const { rules, token } = await rulesOf(room, scope, 'ListRules', { bus, ...input }, ({ doc }) =>
    doc.name.startsWith(input.NamePrefix ?? ''),
  );
  return { Rules: rules.map(described), NextToken: token };
}

async function ruleNamesByTarget(
  room: EventRoom,
  input: ListRuleNamesByTargetRequest,
  { scope }: OperationContext,
): Promise<ListRuleNamesByTargetResponse> {
  const bus = busName(input.EventBusName);
  const { rules, token } = await rulesOf(room, scope, 'ListRuleNamesByTarget', { bus, ...input }, ({ doc }) =>
    doc.targets.some(({ Arn }) => Arn === input.TargetArn),
  );
  return { RuleNames: rules.map(({ doc }) => doc.name), NextToken: token };
}

/** A page of the bus's rules that pass the filter. */
async function rulesOf(
  { pageTokens, records, rules: table }: EventRoom,
  scope: Scope,
  operation: string,
  { Limit, NextToken, ...filter }: { bus: string; Limit?: number; NextToken?: string },
  passes: (rule: Rule) => boolean,
): Promise<{ readonly rules: readonly Rule[]; readonly token: string | undefined }> {
  const binding = { scope, operation, filter };
  const found: Rule[] = [];
  let after = NextToken === undefined ? undefined : pageTokens.read(binding, NextToken);
  do {
    const limit = (Limit ?? PAGE) - found.length;
    const page = await table.list(records.direct, scope, {
      parent: filter.bus,
      limit,
      ...(after ? { after } : {}),
    });
    found.push(...page.rows.filter(passes));
    after = page.next;
  } while (after && found.length < (Limit ?? PAGE));
  return { rules: found, token: after && pageTokens.issue(binding, after) };
}

async function deleteRule(
  room: EventRoom,
  input: DeleteRuleRequest,
  { scope }: OperationContext,
): Promise<object> {
  const id = ruleId(busName(input.EventBusName), input.Name!);
  await room.records.transaction(async (tx) => {
    const rule = await room.rules.hold(tx, scope, id);
    if (rule && rule.doc.targets.length > 0) throw errors.ruleHasTargets({});
    if (rule) await room.rules.remove(tx, scope, id); // a rule that is not there is no error, as with AWS
  });
  return {};
}

async function turn(
  room: EventRoom,
  input: DisableRuleRequest,
  { scope }: OperationContext,
  status: 'ENABLED' | 'DISABLED',
): Promise<object> {
  await room.records.transaction(async (tx) => {
    const { id } = await findRule(room, tx, scope, input);
    await room.rules.transition(tx, scope, id, status);
  });
  return {};
}

function testPattern({ Event, EventPattern }: TestEventPatternRequest): TestEventPatternResponse {
  let event: unknown;
  try {
    event = JSON.parse(Event!);
  } catch (error) {
    throw errors.invalidEvent({ reason: `it is not JSON: ${(error as Error).message}` });
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw errors.invalidEvent({ reason: 'it is not a JSON object' });
  }
  const missing = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'].find(
    (name) => !(name in event),
  );
  if (missing !== undefined) throw errors.invalidEvent({ reason: `it has no ${missing}` });
  return { Result: compilePattern(EventPattern!)(event) };
}

export async function findRule(
  { rules }: EventRoom,
  tx: Transaction,
  scope: Scope,
  input: {
    readonly Name?: string | undefined;
    readonly Rule?: string | undefined;
    readonly EventBusName?: string | undefined;
  },
): Promise<Rule> {
  const bus = busName(input.EventBusName);
  const name = (input.Name ?? input.Rule)!;
  const rule = await rules.find(tx, scope, ruleId(bus, name));
  if (!rule) throw errors.ruleNotFound({ name, bus });
  return rule;
}

/** Throws where there is no such bus. */
export async function requireBus(
  { buses }: EventRoom,
  tx: Transaction,
  scope: Scope,
  bus: string,
): Promise<void> {
  if (bus !== DEFAULT_BUS && !(await buses.find(tx, scope, bus))) throw errors.busNotFound({ bus });
}

function described({ doc, scope, status }: Rule): RuleFacts {
  const { bus, description, eventPattern, name, roleArn } = doc;
  return {
    ...{ Name: name, Arn: ruleArn(scope, bus, name), EventPattern: eventPattern, State: status },
    ...{ Description: description, RoleArn: roleArn, EventBusName: bus },
  };
}
