import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filterPattern } from './filter-pattern.ts';

// The examples of "Filter pattern syntax" in the CloudWatch Logs user guide.

const matching = (pattern: string, messages: readonly string[]) =>
  messages.filter(filterPattern(pattern).matches);

describe('a JSON pattern', () => {
  const event = JSON.stringify({
    ...{ eventType: 'UpdateTrail', sourceIPAddress: '111.111.111.111', SomeObject: null, ThisFlag: true },
    ...{ arrayKey: ['value', 'another value'], bandwidth: 75, errorCode: 400 },
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
  });
  const holds = (pattern: string) => matching(pattern, [event]).length === 1;

  it('compares members with texts, wildcards and numbers', () => {
    assert.ok(holds('{ $.eventType = "UpdateTrail" }'));
    assert.ok(!holds('{ $.eventType = "updatetrail" }'));
    assert.ok(holds('{ $.sourceIPAddress != 123.123.* }'));
    assert.ok(holds('{ $.sourceIPAddress = 111.* }'));
    assert.ok(holds('{ $.arrayKey[0] = "value" }'));
    assert.ok(holds('{ $.objectList[1].id = 2 }'));
    assert.ok(holds('{ $.bandwidth > 75.0 || $.bandwidth >= 75 }'));
    assert.ok(!holds('{ $.bandwidth < 7.5e1 }'));
  });

  it('asks for null, true, false and what is not there', () => {
    assert.ok(holds('{ $.SomeObject IS NULL }'));
    assert.ok(holds('{ $.SomeOtherObject NOT EXISTS }'));
    assert.ok(!holds('{ $.SomeObject NOT EXISTS }'));
    assert.ok(holds('{ $.ThisFlag IS TRUE }'));
    assert.ok(!holds('{ $.missing != "x" }'), 'what is not there is not unlike something');
  });

  it('joins conditions, && before ||, and parentheses before both', () => {
    assert.ok(holds('{ $.eventType = "x" && $.errorCode = 1 || $.errorCode = 400 }'));
    assert.ok(!holds('{ $.eventType = "x" && ($.errorCode = 1 || $.errorCode = 400) }'));
  });

  it('passes over what is no JSON, and over names that every object has', () => {
    assert.deepEqual(matching('{ $.a NOT EXISTS }', ['plain', '{"a":1}', '{"b":1}']), ['{"b":1}']);
    assert.deepEqual(matching('{ $.constructor NOT EXISTS }', ['{}']), ['{}']);
  });

  it('that cannot be read is refused with its place', () => {
    for (const pattern of [
      '{ $.a }',
      '{ $.a = }',
      '{ ($.a = 1 }',
      '{ a = 1 }',
      '{ $.a > x }',
      '{ $.a IS x }',
      '{ $.a = 1',
    ])
      assert.throws(() => filterPattern(pattern), { code: 'InvalidParameterException' }, pattern);
  });
});

describe('a space-delimited pattern', () => {
  const ok = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';
  const other = '127.0.0.1 Prod frank [10/Oct/2000:13:35:22 -0700] "GET /logo.png HTTP/1.0" 200 154';

  it('compares fields by their place', () => {
    const pattern = '[ip, server, user, timestamp, request = "*.html*", status_code = 4*, bytes > 1000]';
    assert.deepEqual(matching(pattern, [ok, other]), [ok]);
    assert.deepEqual(matching('[ip, server, user, timestamp, request, status_code = 4*]', [ok, other]), []);
    const either = '[ip, server, user, timestamp, request, status_code = 404 || status_code = 200, bytes]';
    assert.deepEqual(matching(either, [ok, other]), [ok, other]);
  });

  it('leaves out fields that nobody asks for', () => {
    assert.deepEqual(matching('[..., status_code = 2*, bytes]', [ok, other]), [other]);
    assert.deepEqual(matching('[ip = 127.*, ...]', [ok, '10.0.0.1 x']), [ok]);
  });

  it('what is opened and never closed is a field as any other, in lines of any length', () => {
    assert.deepEqual(matching('[a = "[b", c]', ['[b c', '[b] c', '"b c']), ['[b c']);
    const long = '[ '.repeat(1_000_000);
    assert.deepEqual(matching('[first = "[", ...]', [long]), [long]);
  });
});

describe('a regular expression', () => {
  it('is a term between percent signs', () => {
    const messages = ['AUTHORIZED', 'UNAUTHORIZED', 'id 2c4f is gone', '2 x'];
    assert.deepEqual(matching('%^AUTHORIZED$%', messages), ['AUTHORIZED']);
    assert.deepEqual(matching('%AUTHORIZED% -%UN%', messages), ['AUTHORIZED']);
    assert.deepEqual(matching('%[0-9a-f]{4}%', messages), ['id 2c4f is gone']);
    assert.deepEqual(matching('?%^\\d% ?gone', messages), ['id 2c4f is gone', '2 x']);
  });

  it('compares members of JSON and fields', () => {
    const events = ['{"eventType":"UpdateTrail","code":400}', '{"eventType":"StartTrail","code":200}'];
    assert.deepEqual(matching('{ $.eventType = %Trail% }', events), events);
    assert.deepEqual(matching('{ $.eventType = %^Up{1,3}date% && $.code = %^4% }', events), [events[0]]);
    assert.deepEqual(matching('{ $.eventType != %^Update% }', events), [events[1]]);
    const line = '127.0.0.1 - alice 404 154';
    assert.deepEqual(matching('[ip = %127\\.0\\.0\\.[1-9]{1,2}%, user, name, code = %4..%, size]', [line]), [
      line,
    ]);
    assert.deepEqual(matching('[ip = %^10%, ...]', [line]), []);
  });

  it('that cannot be read is refused, and one made to take for ever does not', () => {
    assert.throws(() => filterPattern('%[a%'), { code: 'InvalidParameterException' });
    assert.throws(() => filterPattern('%(a)\\1%'), { code: 'InvalidParameterException' });
    assert.deepEqual(matching('%(a+)+b%', ['a'.repeat(100_000)]), []);
  });
});

describe('what every matching message holds', () => {
  it('are the plain terms, or one of the alternatives; nothing where expressions stand beside them', () => {
    assert.deepEqual(filterPattern('ERROR "exit code" -warn').needles, [['ERROR'], ['exit code']]);
    assert.deepEqual(filterPattern('?ERROR ?WARN').needles, [['ERROR', 'WARN']]);
    assert.deepEqual(filterPattern('?ERROR ?%W.RN%').needles, []);
    assert.deepEqual(filterPattern('%ERR% failed').needles, [['failed']]);
  });
});

describe('terms', () => {
  it('are required, excluded or alternatives', () => {
    const messages = ['[ERROR 400] BAD REQUEST', '[ERROR 419] MISSING ARGUMENTS', '[WARN] ARGUMENTS'];
    assert.deepEqual(matching('ERROR ARGUMENTS', messages), [messages[1]]);
    assert.deepEqual(matching('?ERROR ?WARN', messages), messages);
    assert.deepEqual(matching('ERROR -ARGUMENTS', messages), [messages[0]]);
    assert.deepEqual(matching('"ERROR 400"', messages), [messages[0]]);
  });
});
