import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compilePolicy,
  contextOf,
  inEachContext,
  joinPolicies,
  decisionSentence,
  denialSentence,
  parsePolicy,
} from './index.ts';
import { ask } from './testing/ask.ts';
import type { NaivePolicies, NaiveRequest } from './testing/naive.ts';

const A = '111111111111';
const USER = `arn:aws:iam::${A}:user/alice`;
const ROLE = `arn:aws:iam::${A}:role/lab`;
const SESSION = `arn:aws:sts::${A}:assumed-role/lab/s1`;
const RUN = `arn:aws:omics:us-east-1:${A}:run/1`;

const alice: NaiveRequest = {
  kind: 'user',
  arn: USER,
  issuer: undefined,
  account: A,
  action: 'omics:GetRun',
  resource: RUN,
  owner: A,
  needsResourcePolicy: false,
  context: {},
};
const session: NaiveRequest = { ...alice, kind: 'role', arn: SESSION, issuer: ROLE };

const policy = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
const deny = { ...allow, Effect: 'Deny' };
const all = [policy(allow)];
const none: Readonly<Record<string, unknown>>[] = [];
const naming = (Principal: unknown, more: object = {}) => [policy({ ...allow, Principal, ...more })];

/** What decided: `allowed identity` or `denied boundary`, `denied boundary explicitly`. */
function outcome(request: NaiveRequest, policies: Partial<NaivePolicies>): string {
  const decision = ask(request, { identity: [], ...policies });
  if (decision.allowed) return `allowed ${decision.type}`;
  return `denied ${decision.type}${decision.by ? ' explicitly' : ''}`;
}

describe('keys that differ in case only', () => {
  const teams = (values: Record<string, string | undefined>) =>
    inEachContext(
      () => values,
      (context) => context.get('aws:resourcetag/team'),
    );

  test('are asked about once for each value; what has one value is asked about once', () => {
    assert.deepEqual(teams({ 'aws:ResourceTag/Team': 'a', 'aws:username': undefined }), ['a']);
    const both = { 'aws:ResourceTag/Team': 'a', 'aws:ResourceTag/team': 'b' };
    assert.deepEqual(teams(both), ['a', 'b']);
    assert.deepEqual(teams({ ...both, 'aws:ResourceTag/TEAM': 'c', 'aws:username': 'ann' }), ['a', 'b', 'c']);
  });

  test('a key with one value has it in every context, one without value in none', () => {
    const values = {
      'aws:ResourceTag/Team': 'a',
      'aws:ResourceTag/team': 'b',
      'aws:username': 'ann',
      'aws:x': undefined,
    };
    const asked = inEachContext(
      () => values,
      (context) => [
        context.get('aws:resourcetag/team'),
        context.get('aws:username'),
        context.has('aws:username'),
        context.get('aws:x'),
        context.has('aws:x'),
      ],
    );
    assert.deepEqual(asked, [
      ['a', 'ann', true, undefined, false],
      ['b', 'ann', true, undefined, false],
    ]);
  });

  test('are not read where no condition looks', () => {
    const read = () => assert.fail('nobody asked');
    assert.deepEqual(
      inEachContext(read, () => 'allowed'),
      ['allowed'],
    );
  });
});

describe('policies of every kind together, as AWS’s figure has them', () => {
  test('nothing is allowed that no policy allows; the root of the account is', () => {
    assert.equal(outcome(alice, {}), 'denied identity');
    assert.equal(outcome(alice, { identity: all }), 'allowed identity');
    const root = { ...alice, kind: 'root', arn: `arn:aws:iam::${A}:root` } as const;
    assert.equal(outcome(root, {}), 'allowed identity');
    assert.equal(outcome(root, { serviceControl: [none] }), 'denied service-control');
  });

  test('an explicit deny wins wherever it stands', () => {
    const denied = [policy(deny)];
    assert.equal(outcome(alice, { identity: [...all, ...denied] }), 'denied identity explicitly');
    assert.equal(outcome(alice, { identity: all, boundary: denied }), 'denied boundary explicitly');
    assert.equal(outcome(alice, { identity: all, session: denied }), 'denied session explicitly');
    assert.equal(
      outcome(alice, { identity: all, serviceControl: [all, denied] }),
      'denied service-control explicitly',
    );
    assert.equal(
      outcome(alice, { identity: all, endpoint: naming('*', { Effect: 'Deny' }) }),
      'denied endpoint explicitly',
    );
    assert.equal(
      outcome(alice, { identity: all, resource: naming({ AWS: A }, { Effect: 'Deny' }) }),
      'denied resource explicitly',
    );
  });

  test('boundary, session, each level of service control and the endpoint must allow too', () => {
    assert.equal(outcome(alice, { identity: all, boundary: none }), 'denied boundary');
    assert.equal(outcome(alice, { identity: all, session: none }), 'denied session');
    assert.equal(outcome(alice, { identity: all, endpoint: none }), 'denied endpoint');
    assert.equal(outcome(alice, { identity: all, serviceControl: [all, none] }), 'denied service-control');
    const everything = {
      identity: all,
      boundary: all,
      session: all,
      endpoint: naming('*'),
      serviceControl: [all, all],
    };
    assert.equal(outcome(alice, everything), 'allowed identity');
  });

  test('a resource’s policy that names the user is enough, and no boundary limits it', () => {
    const resource = naming({ AWS: USER });
    assert.equal(outcome(alice, { resource }), 'allowed resource');
    assert.equal(outcome(alice, { resource, boundary: none }), 'allowed resource');
    assert.equal(outcome(alice, { resource: naming('*') }), 'allowed resource');
    assert.equal(outcome(alice, { resource: naming({ AWS: `${USER}x` }) }), 'denied identity');
  });

  test('one that names the role is limited by boundary and session policies, one that names the session is not', () => {
    for (const resource of [naming({ AWS: ROLE }), naming({ AWS: '*' })]) {
      assert.equal(outcome(session, { resource }), 'allowed resource');
      assert.equal(outcome(session, { resource, boundary: none }), 'denied boundary');
      assert.equal(outcome(session, { resource, session: none }), 'denied session');
    }
    assert.equal(
      outcome(session, { resource: naming({ AWS: SESSION }), boundary: none, session: none }),
      'allowed resource',
    );
  });

  test('one that names the account leaves it to the account’s own policies', () => {
    const resource = naming({ AWS: A });
    assert.equal(outcome(alice, { resource }), 'denied identity');
    assert.equal(outcome(alice, { resource, identity: all }), 'allowed identity');
  });

  test('keys and roles need their own policy: the account’s policies count only where it delegates to the account', () => {
    const key = { ...alice, needsResourcePolicy: true };
    assert.equal(outcome(key, { identity: all }), 'denied resource');
    assert.equal(outcome(key, { identity: all, resource: naming({ AWS: A }) }), 'allowed identity');
    assert.equal(outcome(key, { resource: naming({ AWS: A }) }), 'denied identity');
    assert.equal(outcome(key, { resource: naming({ AWS: USER }) }), 'allowed resource');
    const root = { ...key, kind: 'root', arn: `arn:aws:iam::${A}:root` } as const;
    assert.equal(outcome(root, {}), 'denied resource');
    assert.equal(outcome(root, { resource: naming({ AWS: A }) }), 'allowed resource');
  });

  test('between accounts both sides must allow', () => {
    const foreign = { ...alice, owner: '222222222222' };
    assert.equal(outcome(foreign, { identity: all }), 'denied resource');
    assert.equal(outcome(foreign, { resource: naming({ AWS: USER }) }), 'denied identity');
    assert.equal(outcome(foreign, { identity: all, resource: naming({ AWS: USER }) }), 'allowed resource');
    assert.equal(outcome(foreign, { identity: all, resource: naming({ AWS: A }) }), 'allowed resource');
    assert.equal(
      outcome(foreign, { identity: all, boundary: none, resource: naming({ AWS: A }) }),
      'denied boundary',
    );
    const root = { ...foreign, kind: 'root', arn: `arn:aws:iam::${A}:root` } as const;
    assert.equal(outcome(root, { resource: naming({ AWS: A }) }), 'allowed resource');
  });

  test('services and federated identities have resources’ policies only', () => {
    const service: NaiveRequest = { ...alice, kind: 'service', arn: 'omics.amazonaws.com' };
    assert.equal(outcome(service, { identity: all }), 'denied resource');
    assert.equal(
      outcome(service, { resource: naming({ Service: 'omics.amazonaws.com' }) }),
      'allowed resource',
    );
    assert.equal(outcome(service, { resource: naming({ AWS: '*' }) }), 'denied resource');
    assert.equal(outcome(service, { resource: naming({ AWS: A }) }), 'denied resource');
    const visitor: NaiveRequest = { ...alice, kind: 'web-identity', arn: 'idp.example.org' };
    assert.equal(
      outcome(visitor, { resource: naming({ Federated: 'idp.example.org' }) }),
      'allowed resource',
    );
    assert.equal(
      outcome(visitor, { resource: naming({ Federated: 'other.example.org' }) }),
      'denied resource',
    );
  });

  test('NotPrincipal with Deny spares only who is named with role and account', () => {
    const sparing = (AWS: unknown) => naming(undefined, { Effect: 'Deny', NotPrincipal: { AWS } });
    const decided = (request: NaiveRequest, AWS: unknown) =>
      outcome(request, { identity: all, resource: sparing(AWS) });
    assert.equal(decided(alice, [USER, A]), 'allowed identity');
    assert.equal(decided(alice, [USER]), 'denied resource explicitly');
    assert.equal(decided(alice, [A]), 'denied resource explicitly');
    assert.equal(decided(session, [SESSION, ROLE, A]), 'allowed identity');
    assert.equal(decided(session, [ROLE, A]), 'denied resource explicitly');
    assert.equal(decided(session, '*'), 'allowed identity');
    const service: NaiveRequest = { ...alice, kind: 'service', arn: 'omics.amazonaws.com' };
    const except = (Service: string) => [
      ...naming('*'),
      ...naming(undefined, { Effect: 'Deny', NotPrincipal: { Service } }),
    ];
    assert.equal(outcome(service, { resource: except('omics.amazonaws.com') }), 'allowed resource');
    assert.equal(outcome(service, { resource: except('s3.amazonaws.com') }), 'denied resource explicitly');
  });

  test('NotPrincipal with Allow is for whom it does not name at all', () => {
    const except = (AWS: unknown) => naming(undefined, { NotPrincipal: { AWS } });
    assert.equal(outcome(alice, { resource: except([ROLE]) }), 'allowed resource');
    assert.equal(outcome(alice, { resource: except([A]) }), 'denied identity');
    assert.equal(outcome(session, { resource: except([ROLE]) }), 'denied identity');
    assert.equal(outcome(session, { resource: except([USER]), boundary: none }), 'denied boundary');
  });
});

describe('what a statement is about', () => {
  const decided = (statement: object, request: Partial<NaiveRequest> = {}) =>
    ask({ ...alice, ...request }, { identity: [policy({ ...allow, ...statement })] }).allowed;
  const onResource = (Resource: string, resource: string, context: NaiveRequest['context'] = {}) =>
    decided({ Resource }, { resource, context });

  test('actions go by name without case; healthomics: is another word for omics:', () => {
    assert.ok(decided({ Action: 'OMICS:getrun' }));
    assert.ok(decided({ Action: 'healthomics:Get*' }));
    assert.ok(decided({ Action: ['s3:*', 'omics:G?tRun'] }));
    assert.ok(!decided({ Action: 'omics:GetRunTask' }));
    assert.ok(!decided({ Action: 'omics:GetRu' }));
    assert.ok(!decided({ Action: [''].map(() => 's3:*') }));
  });

  test('a wildcard stays within its part of the ARN, and missing parts are anything', () => {
    assert.ok(onResource('arn:aws:omics:*:*:run/*', RUN));
    assert.ok(onResource('arn:aws:omics', RUN));
    assert.ok(onResource(`arn:aws:omics:us-east-1:${A}:run/?`, RUN));
    assert.ok(!onResource(`arn:aws:omics:us-east-1:${A}:run/?`, `${RUN}2`));
    assert.ok(!onResource('arn:aws:o*:run/1', RUN));
    assert.ok(!onResource(`arn:aws:omics::${A}:run/1`, RUN));
    assert.ok(onResource('arn:aws:s3:::data/*', 'arn:aws:s3:::data/a:b:c'));
    assert.ok(onResource('arn:aws:s3:::data/a:*:c', 'arn:aws:s3:::data/a:b:c'));
    assert.ok(!onResource('arn:aws:s3:::data/a:*:d', 'arn:aws:s3:::data/a:b:c'));
    assert.ok(onResource('arn:aws:s3:::da*a/*x*y', 'arn:aws:s3:::data/axbxcy'));
    assert.ok(!onResource('arn:aws:s3:::data/*', '*'));
    assert.ok(!onResource('arn:aws:s3:::*', 'xrn:aws:s3:::data'));
    assert.ok(!onResource('arn:aws:s3:::data/', 'arn:aws:s3:::data'));
    assert.ok(onResource('*', '*'));
  });

  test('what a variable holds is text, never a wildcard, and never more of the ARN', () => {
    const home = 'arn:aws:s3:::data/${aws:username}/*';
    assert.ok(onResource(home, 'arn:aws:s3:::data/alice/x', { 'aws:username': 'alice' }));
    assert.ok(!onResource(home, 'arn:aws:s3:::data/alice/x', { 'aws:username': '*' }));
    assert.ok(!onResource(home, 'arn:aws:s3:::data/alice/x', { 'aws:username': 'a?ice' }));
    assert.ok(onResource(home, 'arn:aws:s3:::data/*/x', { 'aws:username': '*' }));
    assert.ok(!onResource('arn:aws:s3:${v}:data', 'arn:aws:s3:::data', { v: ':' }));
    assert.ok(
      onResource('arn:aws:s3:::data/${aws:username}', 'arn:aws:s3:::data/a:b', { 'aws:username': 'a:b' }),
    );
  });

  test('a variable without a value matches nothing, unless it has a default', () => {
    assert.ok(!onResource('arn:aws:s3:::data/${aws:username}*', 'arn:aws:s3:::data/'));
    assert.ok(!onResource('arn:aws:s3:::${aws:TagKeys}', 'arn:aws:s3:::a', { 'aws:TagKeys': ['a'] }));
    const team = "arn:aws:s3:::data/${aws:PrincipalTag/team, 'every one'}";
    assert.ok(onResource(team, 'arn:aws:s3:::data/every one'));
    assert.ok(!onResource(team, 'arn:aws:s3:::data/every one', { 'aws:PrincipalTag/team': 'x' }));
    assert.ok(decided({ Resource: undefined, NotResource: 'arn:aws:s3:::data/${aws:username}*' }));
    assert.ok(onResource('arn:aws:s3:::a${*}b${?}c${$}', 'arn:aws:s3:::a*b?c$'));
    assert.ok(!onResource('arn:aws:s3:::a${*}b', 'arn:aws:s3:::aXb'));
    assert.ok(!onResource('arn:aws:s3:::${aws:x, unquoted}', 'arn:aws:s3:::unquoted'));
    assert.ok(
      onResource('arn:aws:s3:::${ AWS:UserName }', 'arn:aws:s3:::alice', { 'aws:username': 'alice' }),
    );
  });

  test('policies of 2008-10-17 have no variables', () => {
    const old = { Statement: { ...allow, Resource: 'arn:aws:s3:::${aws:username}' } };
    const asked = (resource: string) =>
      ask({ ...alice, resource, context: { 'aws:username': 'alice' } }, { identity: [old] }).allowed;
    assert.ok(!asked('arn:aws:s3:::alice'));
    assert.ok(asked('arn:aws:s3:::${aws:username}'));
  });

  test('many stars do not make it slow', () => {
    const stars = `arn:aws:s3:::${'a*'.repeat(200)}b`;
    assert.ok(!onResource(stars, `arn:aws:s3:::${'a'.repeat(2_000)}`));
  });
});

describe('condition operators, as AWS’s table has them', () => {
  /** Whether the operator holds for the key's value (undefined: the key is missing). */
  function holds(operator: string, wanted: unknown, value: string | readonly string[] | undefined): boolean {
    const statement = { ...allow, Condition: { [operator]: { 'aws:Key': wanted } } };
    const context: NaiveRequest['context'] = value === undefined ? {} : { 'AWS:key': value };
    return ask({ ...alice, context }, { identity: [policy(statement)] }).allowed;
  }
  const rows: readonly (readonly [string, unknown, string | readonly string[] | undefined, boolean])[] = [
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', 'a*', 'ab', false],
    ['StringEquals', ['a', 'b'], 'b', true],
    ['StringEquals', 'a', undefined, false],
    ['StringEquals', '${*}', '*', true],
    ['StringEquals', '${none:key}', '', false],
    ['StringNotEquals', 'a', 'b', true],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringNotEquals', 'a', undefined, true],
    ['StringNotEquals', '${none:key}', 'x', true],
    ['StringEqualsIgnoreCase', 'a', 'A', true],
    ['StringNotEqualsIgnoreCase', 'a', 'A', false],
    ['StringLike', 'a*', 'abc', true],
    ['StringLike', 'a?', 'abc', false],
    ['StringLike', '', '', true],
    ['StringLike', '', 'x', false],
    ['StringLike', 'a*c*e', 'abcde', true],
    ['StringLike', 'a*c*', 'ab', false],
    ['StringLike', 'a**', 'a', true],
    ['StringLike', '?*', '', false],
    ['StringNotLike', 'a*', 'abc', false],
    ['NumericEquals', '10', '10.0', true],
    ['NumericEquals', '10', 'x', false],
    ['NumericNotEquals', '10', '10', false],
    ['NumericNotEquals', '10', undefined, true],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericLessThanEquals', '10', '10.5', false],
    ['NumericGreaterThan', '10', '11', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['NumericGreaterThanEquals', '10', '-10', false],
    ['NumericEquals', '+5', '5', true],
    ['DateEquals', '2026-11-25T00:00:00Z', '2026-11-25T01:00:00+01:00', true],
    ['DateEquals', '1795564800', '2026-11-25T00:00:00Z', true],
    ['DateEquals', '2026-11-25', '2026-11-25T00:00:00.000Z', true],
    ['DateNotEquals', '2026-11-25T00:00Z', '2026-11-25T00:00:00Z', false],
    ['DateLessThan', '2026-11-25T00:00:00Z', '2026-11-24T23:59:59Z', true],
    ['DateLessThan', '2026-11-25T00:00:00Z', '2026-11-25T00:00:00Z', false],
    ['DateLessThanEquals', '2026-11-25T00:00:00Z', '2026-11-25T00:00:00Z', true],
    ['DateGreaterThan', '2026-11-25T00:00:00Z', '2026-11-25T00:00:01Z', true],
    ['DateGreaterThan', '2026-11-25T00:00:00Z', 'soon', false],
    ['DateGreaterThanEquals', '2026-11-25T00:00:00Z', '2026-11-25T00:00:00Z', true],
    ['Bool', 'true', 'True', true],
    ['Bool', true, 'false', false],
    ['Bool', 'false', undefined, false],
    ['BoolIfExists', 'false', undefined, true],
    ['BinaryEquals', 'YWI=', 'YWI', true],
    ['BinaryEquals', 'YWI=', 'YWM=', false],
    ['IpAddress', '10.0.0.0/8', '10.9.9.9', true],
    ['IpAddress', '10.0.0.0/8', '11.0.0.1', false],
    ['IpAddress', '10.1.2.3', '10.1.2.3', true],
    ['IpAddress', '10.1.2.3', '10.1.2.4', false],
    ['IpAddress', '0.0.0.0/0', 'fe80::1', false],
    ['IpAddress', '2001:db8::/32', '2001:db8:0:1::5', true],
    ['IpAddress', '2001:db8::/32', '2001:db9::5', false],
    ['IpAddress', '10.0.0.0/8', 'AWS Internal', false],
    ['IpAddress', '${none:key}', '10.1.2.3', false],
    ['NotIpAddress', '10.0.0.0/8', '11.0.0.1', true],
    ['NotIpAddress', '10.0.0.0/8', '10.0.0.1', false],
    ['ArnEquals', 'arn:aws:iam::*:user/*', USER, true],
    ['ArnLike', 'arn:aws:iam::*:user/*', USER, true],
    ['ArnLike', 'arn:aws:iam::*', 'user', false],
    ['ArnNotEquals', 'arn:aws:iam::*:user/*', USER, false],
    ['ArnNotLike', 'arn:aws:iam::*:role/*', USER, true],
    ['ArnNotLike', 'arn:aws:iam::*:role/*', undefined, true],
    ['Null', 'true', undefined, true],
    ['Null', 'true', 'x', false],
    ['Null', 'False', 'x', true],
    ['Null', 'false', undefined, false],
    ['Null', ['true', 'false'], undefined, true],
    ['StringEqualsIfExists', 'a', undefined, true],
    ['StringEqualsIfExists', 'a', 'b', false],
    ['StringNotEqualsIfExists', 'a', 'a', false],
    // Several values: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    ['ForAllValues:StringEquals', ['a', 'b'], ['a'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringEquals', ['a', 'b'], undefined, true],
    ['ForAllValues:StringEquals', ['a', 'b'], [''], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['', 'a'], false],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'a'], false],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'b'], true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c'], false],
    ['ForAnyValue:StringEquals', ['a', 'b'], undefined, false],
    ['ForAnyValue:StringEqualsIfExists', ['a', 'b'], undefined, true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], false],
    ['ForAnyValue:StringNotEquals', 'a', [''], false],
    ['ForAnyValue:StringEquals', 'a', 'a', true],
    // Without a quantifier one value is enough, and to be unequal all must be.
    ['StringEquals', 'a', ['b', 'a'], true],
    ['StringNotEquals', 'a', ['b', 'a'], false],
    ['StringNotEquals', 'a', ['b', 'c'], true],
    ['StringEquals', '', [''], true],
  ];
  for (const [operator, wanted, value, expected] of rows) {
    test(`${operator} ${JSON.stringify(wanted)} with ${JSON.stringify(value)} is ${expected}`, () => {
      assert.equal(holds(operator, wanted, value), expected);
    });
  }

  test('all keys and operators of a Condition must hold', () => {
    const Condition = { StringEquals: { 'aws:a': '1', 'aws:b': '2' }, Bool: { 'omics:c': 'true' } };
    const asked = (context: NaiveRequest['context']) =>
      ask({ ...alice, context }, { identity: [policy({ ...allow, Condition })] }).allowed;
    assert.ok(asked({ 'aws:a': '1', 'aws:b': '2', 'healthomics:c': 'true' }));
    assert.ok(!asked({ 'aws:a': '1', 'aws:b': '3', 'omics:c': 'true' }));
    assert.ok(!asked({ 'aws:a': '1', 'aws:b': '2' }));
  });
});

describe('a decision explained', () => {
  const document = parsePolicy(
    JSON.stringify(
      policy(
        {
          ...deny,
          Sid: 'NoRuns',
          Condition: { Bool: { 'aws:X': 'true' } },
          Resource: 'arn:aws:s3:::${aws:Y}',
        },
        { ...allow, Sid: '' },
      ),
    ),
    'identity',
  );

  test('a compiled policy knows its statements’ names and the keys that it looks at', () => {
    const compiled = compilePolicy('lab', document);
    assert.deepEqual(
      compiled.statements.map(({ name }) => name),
      ['NoRuns', 'statement 2'],
    );
    assert.deepEqual([...compiled.asks], ['aws:x', 'aws:y']);
    const attached = { Statement: { Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' } };
    assert.equal(compilePolicy('r', parsePolicy(JSON.stringify(attached), 'repository')).asks.size, 0);
    assert.deepEqual([...contextOf({ 'aws:X': 'a', b: undefined }).keys()], ['aws:x']);
  });

  test('joined policies are asked as one, and still say which of them decided', () => {
    const named = (name: string, statement: object) =>
      compilePolicy(name, parsePolicy(JSON.stringify(policy(statement)), 'identity'));
    const joined = joinPolicies([
      named('reads', {
        ...allow,
        Action: 'omics:Get*',
        Resource: 'arn:aws:omics:*:*:run/${aws:PrincipalTag/of}',
      }),
      named('writes', {
        ...{ Effect: 'Deny', NotAction: 'omics:get*', Resource: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'true' } },
      }),
    ]);
    const about = (action: string) => joined.about(action).map((statement) => statement.policy);
    assert.deepEqual(about('omics:getrun'), ['reads']);
    assert.deepEqual(about('omics:startrun'), ['writes']);
    assert.deepEqual([...joined.asks], ['aws:principaltag', 'aws:securetransport']);
  });

  test('what is about an action is looked for once, and actions without end are not all kept', () => {
    const compiled = compilePolicy('lab', document);
    const first = compiled.about('omics:getrun');
    assert.equal(compiled.about('omics:getrun'), first);
    for (let number = 0; number < 1_000; number++) compiled.about(`omics:action${number}`);
    assert.notEqual(compiled.about('omics:getrun'), first);
    assert.deepEqual(compiled.about('omics:getrun'), first);
  });

  test('the policy and statement that decided are named', () => {
    const decided = (policies: NaivePolicies) => ask(alice, policies);
    assert.deepEqual(
      decided({ identity: [policy(), policy({ ...allow, Sid: 'Some' }, { ...allow, Sid: 'More' })] }),
      {
        allowed: true,
        type: 'identity',
        by: { policy: 'policy-1', statement: 'Some' },
      },
    );
    assert.deepEqual(decided({ identity: [policy(allow, { ...deny, Sid: 'Never' })] }), {
      allowed: false,
      type: 'identity',
      by: { policy: 'policy-0', statement: 'Never' },
    });
    const root = { ...alice, kind: 'root', arn: `arn:aws:iam::${A}:root` } as const;
    assert.deepEqual(ask(root, { identity: [] }), {
      allowed: true,
      type: 'identity',
      by: { policy: 'root', statement: 'the account’s root user' },
    });
  });

  test('operators are told the statement that decided', () => {
    const by = { policy: 'lab', statement: 'Read' };
    assert.equal(
      decisionSentence({ allowed: true, type: 'identity', by }),
      'allowed by identity-based policy "lab", Read',
    );
    assert.equal(
      decisionSentence({ allowed: false, type: 'boundary', by }),
      'explicit deny in permissions boundary "lab", Read',
    );
    assert.equal(
      decisionSentence({ allowed: false, type: 'resource' }),
      'no resource-based policy allows it',
    );
  });

  test('the sentence is AWS’s and tells the kind of policy only', () => {
    const denied = { arn: USER, action: 'omics:GetRun', resource: RUN };
    const start = `User: ${USER} is not authorized to perform: omics:GetRun on resource: ${RUN}`;
    const sentence = (type: Parameters<typeof denialSentence>[1]['type'], isExplicit: boolean) => {
      const by = isExplicit ? { by: { policy: 'secret', statement: 'secret' } } : {};
      return denialSentence(denied, { allowed: false, type, ...by });
    };
    assert.equal(
      sentence('identity', false),
      `${start} because no identity-based policy allows the omics:GetRun action`,
    );
    assert.equal(sentence('identity', true), `${start} with an explicit deny in an identity-based policy`);
    assert.equal(sentence('boundary', true), `${start} with an explicit deny in a permissions boundary`);
    assert.equal(
      sentence('session', false),
      `${start} because no session policy allows the omics:GetRun action`,
    );
    assert.equal(
      sentence('resource', false),
      `${start} because no resource-based policy allows the omics:GetRun action`,
    );
    assert.equal(sentence('endpoint', true), `${start} with an explicit deny in a VPC endpoint policy`);
    assert.equal(
      sentence('service-control', true),
      `${start} with an explicit deny in a service control policy`,
    );
  });
});
