import * as schemas from '@aws-sdk/client-eventbridge';
import type { OperationConstraints, Service } from '@helicase/wire';
import { busOperations } from './bus-operations.ts';
import { destinationOperations } from './destination-operations.ts';
import type { EventRoom } from './event-room.ts';
import { ruleOperations } from './rule-operations.ts';
import { arnTagOperations } from '../tag/arn-tag-operations.ts';
import { targetOperations } from './target-operations.ts';

const name = { min: 1, max: 64, pattern: '[.\\-_A-Za-z0-9]+' };
const bus = {
  min: 1,
  max: 1600,
  pattern: '(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus/)?[/.\\-_A-Za-z0-9]+',
};
const ofRule: OperationConstraints = { Name: name, EventBusName: bus };

/** Bounds of EventBridge's API model. */
const constraints: Readonly<Record<string, OperationConstraints>> = {
  PutRule: { ...ofRule, EventPattern: { max: 4096 }, Description: { max: 512 } },
  DescribeRule: ofRule,
  DeleteRule: ofRule,
  EnableRule: ofRule,
  DisableRule: ofRule,
  ListRules: { EventBusName: bus, NamePrefix: name, Limit: { min: 1, max: 100 } },
  ListRuleNamesByTarget: { EventBusName: bus, Limit: { min: 1, max: 100 } },
  PutTargets: {
    ...{ Rule: name, EventBusName: bus, Targets: { min: 1, max: 100 }, 'Targets[].Id': name },
    'Targets[].Arn': { min: 1, max: 1600 },
    'Targets[].Input': { max: 8192 },
    'Targets[].RetryPolicy.MaximumRetryAttempts': { min: 0, max: 185 },
    'Targets[].RetryPolicy.MaximumEventAgeInSeconds': { min: 60, max: 86_400 },
    'Targets[].InputTransformer.InputTemplate': { min: 1, max: 8192 },
  },
  RemoveTargets: { Rule: name, EventBusName: bus, Ids: { min: 1, max: 100 } },
  ListTargetsByRule: { Rule: name, EventBusName: bus },
  CreateEventBus: { Name: { min: 1, max: 256, pattern: '[/.\\-_A-Za-z0-9]+' } },
  PutEvents: { Entries: { min: 1, max: 10 } },
  CreateConnection: { Name: name },
  CreateApiDestination: { Name: name, InvocationEndpoint: { min: 1, max: 2048 } },
};

export function eventBridgeService(room: EventRoom): Service {
  return {
    name: 'events',
    protocol: 'awsJson1_1',
    schemas,
    operations: [
      ...ruleOperations(room),
      ...targetOperations(room),
      ...busOperations(room),
      ...destinationOperations(room),
      ...arnTagOperations(room.records.tagged, 'events'),
    ],
    constraints,
  };
}
