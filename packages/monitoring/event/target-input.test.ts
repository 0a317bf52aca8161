import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BusEvent } from './bus-event.ts';
import { compileTargetInput } from './target-input.ts';

/** The event and templates of "Amazon EventBridge input transformation" in its user guide. */
const event: BusEvent = {
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2015-11-11T21:29:54Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111'],
  detail: { 'instance-id': 'i-0123456789', state: 'RUNNING' },
};
const rule = { arn: 'arn:aws:events:us-east-1:123456789012:rule/example', name: 'example' };
const paths = {
  timestamp: '$.time',
  instance: '$.detail.instance-id',
  state: '$.detail.state',
  resource: '$.resources[0]',
};
const shaped = (InputTemplate: string, InputPathsMap: Record<string, string> = paths) =>
  compileTargetInput({ Id: 't', InputTransformer: { InputPathsMap, InputTemplate } })(event, rule);

describe('what a target is sent', () => {
  it('is the event where the target says nothing', () => {
    assert.deepEqual(JSON.parse(compileTargetInput({ Id: 't' })(event, rule)), event);
  });

  it('is a part of it, or a constant', () => {
    assert.equal(
      compileTargetInput({ Id: 't', InputPath: '$.detail' })(event, rule),
      JSON.stringify(event.detail),
    );
    assert.equal(compileTargetInput({ Id: 't', InputPath: '$.nothing' })(event, rule), 'null');
    assert.equal(compileTargetInput({ Id: 't', Input: '{"a":1}' })(event, rule), '{"a":1}');
  });

  it('is a sentence', () => {
    assert.equal(shaped('"instance <instance> is in <state>"'), '"instance i-0123456789 is in RUNNING"');
    assert.equal(
      shaped('"instance \\"<instance>\\" is in <state>"'),
      '"instance \\"i-0123456789\\" is in RUNNING"',
    );
  });

  it('is JSON with values in it, as text and as they are', () => {
    const template =
      '{"instance": <instance>, "state": "<state>", "all": [<resource>, "x <timestamp>"], "d": <d>}';
    assert.deepEqual(JSON.parse(shaped(template, { ...paths, d: '$.detail' })), {
      instance: 'i-0123456789',
      state: 'RUNNING',
      all: ['arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111', 'x 2015-11-11T21:29:54Z'],
      d: event.detail,
    });
  });

  it('may have the rule and the event by their reserved names', () => {
    assert.equal(
      shaped('"<aws.events.rule-name> at <aws.events.event.ingestion-time>"'),
      '"example at 2015-11-11T21:29:54Z"',
    );
    assert.deepEqual(JSON.parse(shaped('{"e": <aws.events.event.json>}')), { e: event });
  });

  it('leaves a name without a value empty', () => {
    assert.equal(shaped('{"x": <x>, "y": "<x>!"}', { x: '$.detail.none' }), '{"x": "", "y": "!"}');
  });

  it('is refused where it cannot be made', () => {
    const refuse = (target: object) =>
      assert.throws(() => compileTargetInput({ Id: 't', ...target }), { name: 'ValidationException' });
    refuse({ Input: '{', InputPath: undefined });
    refuse({ Input: '{}', InputPath: '$.detail' });
    refuse({ InputPath: 'detail' });
    refuse({ InputTransformer: { InputTemplate: '<nobody>' } });
  });
});
