import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededNumbers } from '../testing/seeded-numbers.ts';
import { compilePattern } from './pattern.ts';
import { naiveMatch } from '../testing/naive-pattern.ts';

const matches = (pattern: unknown, event: unknown) => compilePattern(JSON.stringify(pattern))(event);

/** The event of "Amazon EventBridge event patterns" in its user guide. */
const instance = {
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '111122223333',
  time: '2017-12-22T18:43:48Z',
  region: 'us-west-1',
  resources: ['arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0'],
  detail: { 'instance-id': 'i-1234567890abcdef0', state: 'terminated' },
};

describe("event patterns: the examples of EventBridge's user guide", () => {
  const cases: readonly (readonly [string, unknown, unknown, boolean])[] = [
    [
      'several fields must all match',
      { source: ['aws.ec2'], detail: { state: ['terminated'] } },
      instance,
      true,
    ],
    ['any value of a list', { source: ['aws.ec2', 'aws.fargate'] }, instance, true],
    ['values are compared with their case', { source: ['AWS.ec2'] }, instance, false],
    [
      'any element of an array of the event',
      {
        resources: [
          'arn:aws:ec2:us-east-1:123456789012:instance/i-b188560f',
          'arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0',
        ],
      },
      instance,
      true,
    ],
    ['null', { detail: { responseElements: [null] } }, { detail: { responseElements: null } }, true],
    ['null is not an absent field', { detail: { responseElements: [null] } }, { detail: {} }, false],
    ['an empty string', { detail: { eventVersion: [''] } }, { detail: { eventVersion: '' } }, true],
    ['prefix', { time: [{ prefix: '2017-12-22' }] }, instance, true],
    [
      'prefix without case',
      { detail: { service: [{ prefix: { 'equals-ignore-case': 'EventB' } }] } },
      { detail: { service: 'eventbridge' } },
      true,
    ],
    ['suffix', { FileName: [{ suffix: '.png' }] }, { FileName: 'a.png' }, true],
    [
      'suffix without case',
      { FileName: [{ suffix: { 'equals-ignore-case': '.png' } }] },
      { FileName: 'a.PNG' },
      true,
    ],
    ['anything-but', { detail: { state: [{ 'anything-but': 'initializing' }] } }, instance, true],
    [
      'anything-but a list',
      { detail: { state: [{ 'anything-but': ['stopped', 'terminated'] }] } },
      instance,
      false,
    ],
    [
      'anything-but numbers',
      { detail: { 'x-limit': [{ 'anything-but': [100, 200, 300] }] } },
      { detail: { 'x-limit': 400 } },
      true,
    ],
    [
      'anything-but without case',
      { detail: { state: [{ 'anything-but': { 'equals-ignore-case': ['Terminated', 'stopped'] } }] } },
      instance,
      false,
    ],
    [
      'anything-but a prefix',
      { detail: { state: [{ 'anything-but': { prefix: 'init' } }] } },
      instance,
      true,
    ],
    [
      'anything-but a suffix',
      { FileName: [{ 'anything-but': { suffix: '.txt' } }] },
      { FileName: 'a.txt' },
      false,
    ],
    [
      'anything-but wildcards',
      { file: { path: [{ 'anything-but': { wildcard: '*/lib/*' } }] } },
      { file: { path: 'a/lib/b' } },
      false,
    ],
    ['anything-but needs the field', { detail: { state: [{ 'anything-but': 'x' }] } }, { detail: {} }, false],
    [
      'numeric ranges',
      {
        detail: {
          'c-count': [{ numeric: ['>', 0, '<=', 5] }],
          'd-count': [{ numeric: ['<', 10] }],
          'x-limit': [{ numeric: ['=', 3.018e2] }],
        },
      },
      { detail: { 'c-count': 5, 'd-count': 9, 'x-limit': 301.8 } },
      true,
    ],
    [
      'numeric does not compare text',
      { detail: { 'c-count': [{ numeric: ['>', 0] }] } },
      { detail: { 'c-count': '5' } },
      false,
    ],
    [
      'an IP address',
      { detail: { sourceIPAddress: [{ cidr: '10.0.0.0/24' }] } },
      { detail: { sourceIPAddress: '10.0.0.255' } },
      true,
    ],
    [
      'an IP address beyond',
      { detail: { sourceIPAddress: [{ cidr: '10.0.0.0/24' }] } },
      { detail: { sourceIPAddress: '10.0.1.0' } },
      false,
    ],
    ['exists', { detail: { state: [{ exists: true }] } }, instance, true],
    ['exists false', { detail: { 'c-count': [{ exists: false }] } }, instance, true],
    [
      'equals-ignore-case',
      { 'detail-type': [{ 'equals-ignore-case': 'ec2 instance State-change notification' }] },
      instance,
      true,
    ],
    [
      'wildcard',
      { EventBusArn: [{ wildcard: '*/dir/*/doc.txt' }] },
      { EventBusArn: '/users/dir/sub/doc.txt' },
      true,
    ],
    ['a wildcard that ends before the text', { a: [{ wildcard: '*ab' }] }, { a: 'abc' }, false],
    ['an escaped asterisk', { a: [{ wildcard: 'x\\*y' }] }, { a: 'x*y' }, true],
    [
      '$or beside another field',
      { source: ['aws.x'], $or: [{ detail: { Location: ['NY'] } }, { detail: { Location: ['SF'] } }] },
      { source: 'aws.x', detail: { Location: 'SF' } },
      true,
    ],
    [
      'one element of an array of objects must match it all',
      { a: { b: ['x'], c: ['y'] } },
      {
        a: [
          { b: 'x', c: 'z' },
          { b: 'q', c: 'y' },
        ],
      },
      false,
    ],
    ['and one does', { a: { b: ['x'], c: ['y'] } }, { a: [{ b: 'x', c: 'y' }] }, true],
  ];
  for (const [name, pattern, event, expected] of cases) {
    it(name, () => assert.equal(matches(pattern, event), expected));
  }

  it('what is no pattern is refused with its place', () => {
    const refused: readonly (readonly [string, RegExp])[] = [
      ['{', /it is not JSON/],
      ['[]', /Filter is not an object/],
      ['{}', /Empty objects are not allowed/],
      ['{"a": "b"}', /"a" must be an object or an array/],
      ['{"a": []}', /Empty arrays are not allowed at "a"/],
      ['{"a": {"b": [{"prefix": 1}]}}', /prefix match pattern must be a string at "a\.b"/],
      ['{"a": [{"prefixes": "x"}]}', /Unrecognized match type prefixes/],
      ['{"a": [{"prefix": "x", "suffix": "y"}]}', /Only one key allowed/],
      ['{"a": [{"numeric": ["!", 1]}]}', /Unrecognized numeric range operator: !/],
      ['{"a": [{"numeric": [">", 5, "<", 1]}]}', /Bottom must be less than top/],
      ['{"a": [{"cidr": "10.0.0.0/99"}]}', /Malformed CIDR/],
      ['{"a": [{"wildcard": "a**"}]}', /Consecutive wildcard characters/],
      ['{"$or": [{"a": ["b"]}]}', /two or more objects/],
      ['{"a": [{"exists": "yes"}]}', /exists must be true or false/],
    ];
    for (const [pattern, reason] of refused) {
      assert.throws(
        () => compilePattern(pattern),
        (error: Error) => error.name === 'InvalidEventPatternException' && reason.test(error.message),
        pattern,
      );
    }
  });
});

describe('event patterns against a naive matcher', () => {
  it('agree on 2,000 generated patterns and events', () => {
    const next = seededNumbers(11);
    let matched = 0;
    for (let index = 0; index < 2000; index += 1) {
      const pattern = generatePattern(next, 2);
      const event = generateEvent(next, 2);
      const expected = naiveMatch(pattern, event);
      assert.equal(matches(pattern, event), expected, JSON.stringify({ pattern, event }));
      if (expected) matched += 1;
    }
    assert.ok(matched > 200 && matched < 1800, `${matched} matched`);
  });
});

type Next = (below: number) => number;

const NAMES = ['a', 'b', 'c'];
const TEXTS = ['', 'x', 'xy', 'yx', 'XY', 'x.y'];
const NUMBERS = [0, 1, 2.5, -3];

function pick<T>(next: Next, values: readonly T[]): T {
  return values[next(values.length)]!;
}

function generateEvent(next: Next, depth: number): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const name of NAMES) {
    const choice = next(6);
    if (choice === 0) continue;
    if (choice === 1 && depth > 0) event[name] = generateEvent(next, depth - 1);
    else if (choice === 2) event[name] = [pick(next, TEXTS), pick(next, NUMBERS)];
    else if (choice === 3 && depth > 0)
      event[name] = [generateEvent(next, depth - 1), generateEvent(next, depth - 1)];
    else event[name] = pick<unknown>(next, [...TEXTS, ...NUMBERS, null, true]);
  }
  return event;
}

function generatePattern(next: Next, depth: number): Record<string, unknown> {
  const pattern: Record<string, unknown> = {};
  const count = 1 + next(2);
  for (let index = 0; index < count; index += 1) {
    const name = pick(next, NAMES);
    if (depth > 0 && next(4) === 0) pattern[name] = generatePattern(next, depth - 1);
    else pattern[name] = Array.from({ length: 1 + next(2) }, () => generateTest(next));
  }
  if (depth === 2 && next(5) === 0) pattern['$or'] = [generatePattern(next, 0), generatePattern(next, 0)];
  return pattern;
}

function generateTest(next: Next): unknown {
  const text = pick(next, TEXTS.slice(1));
  const tests: readonly unknown[] = [
    text,
    pick(next, NUMBERS),
    null,
    { prefix: text },
    { suffix: text },
    { exists: next(2) === 0 },
    { 'equals-ignore-case': text },
    { wildcard: `${text}*` },
    { wildcard: `*${text}` },
    { numeric: ['>=', -1, '<', 2] },
    { 'anything-but': text },
    { 'anything-but': [text, 1] },
    { 'anything-but': { prefix: text } },
  ];
  return pick(next, tests);
}
