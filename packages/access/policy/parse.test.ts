import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePolicy, type PolicyKind } from './parse.ts';

const allow = { Effect: 'Allow', Action: 'omics:*', Resource: '*' };
const of = (statement: object, more: object = {}) =>
  JSON.stringify({ Version: '2012-10-17', ...more, Statement: [statement] });

function refused(text: string, message: string, kind: PolicyKind = 'identity'): void {
  assert.throws(() => parsePolicy(text, kind), { name: 'PolicyFault', message });
}

describe('reading a policy document', () => {
  test('one statement and one value may stand without a list, and a missing version is 2008-10-17', () => {
    const document = parsePolicy(JSON.stringify({ Id: 'mine', Statement: allow }), 'identity');
    assert.equal(document.version, '2008-10-17');
    assert.equal(document.id, 'mine');
    assert.deepEqual(document.statements, [
      {
        sid: undefined,
        effect: 'Allow',
        action: { not: false, values: ['omics:*'] },
        resource: { not: false, values: ['*'] },
        principal: undefined,
        conditions: [],
      },
    ]);
    assert.equal(parsePolicy('{"Version":"2008-10-17","Statement":[]}', 'identity').version, '2008-10-17');
    assert.equal(parsePolicy('{"Version":"2012-10-17","Statement":[]}', 'identity').version, '2012-10-17');
  });

  test('the Not forms are told from the others', () => {
    const text = of({
      Effect: 'Deny',
      NotAction: ['a:b', 'c:D*'],
      NotResource: 'arn:aws:s3:::x',
      NotPrincipal: '*',
    });
    const [statement] = parsePolicy(text, 'resource').statements;
    assert.deepEqual(statement!.action, { not: true, values: ['a:b', 'c:D*'] });
    assert.deepEqual(statement!.resource, { not: true, values: ['arn:aws:s3:::x'] });
    assert.equal(statement!.principal!.not, true);
  });

  test('an account in Principal is the ARN of its root, "*" is everyone', () => {
    const principalOf = (principal: unknown) =>
      parsePolicy(of({ ...allow, Principal: principal }), 'resource').statements[0]!.principal!.values;
    assert.deepEqual(principalOf({ AWS: '123456789012' }), [
      { type: 'AWS', value: 'arn:aws:iam::123456789012:root' },
    ]);
    assert.deepEqual(
      principalOf('*').map(({ type }) => type),
      ['AWS', 'Service', 'Federated', 'CanonicalUser'],
    );
    assert.deepEqual(principalOf({ AWS: '*', Service: ['omics.amazonaws.com'], CanonicalUser: 'x' }), [
      { type: 'AWS', value: '*' },
      { type: 'Service', value: 'omics.amazonaws.com' },
      { type: 'CanonicalUser', value: 'x' },
    ]);
    for (const arn of [
      'arn:aws:iam::123456789012:role/path/name',
      'arn:aws-cn:iam::123456789012:user/u',
      'arn:aws:sts::123456789012:assumed-role/r/s',
      'arn:aws:sts::123456789012:federated-user/f',
    ]) {
      assert.deepEqual(principalOf({ AWS: [arn] }), [{ type: 'AWS', value: arn }]);
    }
  });

  test('conditions keep operator, quantifier, IfExists, key and values', () => {
    const Condition = {
      'ForAllValues:StringNotLikeIfExists': { 'aws:TagKeys': ['a*', 'b'] },
      'ForAnyValue:ArnLike': { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*' },
      Bool: { 'aws:SecureTransport': true, 'aws:MultiFactorAuthPresent': 'FALSE' },
      NumericLessThan: { 's3:max-keys': 10 },
    };
    const [statement] = parsePolicy(of({ ...allow, Condition }), 'identity').statements;
    assert.deepEqual(statement!.conditions, [
      {
        operator: 'StringNotLike',
        quantifier: 'ForAllValues',
        ifExists: true,
        key: 'aws:TagKeys',
        values: ['a*', 'b'],
      },
      {
        operator: 'ArnLike',
        quantifier: 'ForAnyValue',
        ifExists: false,
        key: 'aws:PrincipalArn',
        values: ['arn:aws:iam::*:user/*'],
      },
      {
        operator: 'Bool',
        quantifier: undefined,
        ifExists: false,
        key: 'aws:SecureTransport',
        values: ['true'],
      },
      {
        operator: 'Bool',
        quantifier: undefined,
        ifExists: false,
        key: 'aws:MultiFactorAuthPresent',
        values: ['FALSE'],
      },
      {
        operator: 'NumericLessThan',
        quantifier: undefined,
        ifExists: false,
        key: 's3:max-keys',
        values: ['10'],
      },
    ]);
  });

  test('values that have a variable are looked at when the request comes', () => {
    const Condition = { IpAddress: { 'aws:SourceIp': '${aws:PrincipalTag/net}' } };
    assert.equal(parsePolicy(of({ ...allow, Condition }), 'identity').statements.length, 1);
  });
});

describe('a policy that IAM refuses, in IAM’s sentence and with the place', () => {
  const syntax = (detail: string) => `Syntax errors in policy. (${detail})`;

  test('what is no policy', () => {
    assert.throws(
      () => parsePolicy('{', 'identity'),
      /^PolicyFault: Syntax errors in policy\. \(The text is not JSON: /,
    );
    for (const text of ['[]', 'null', '"x"']) refused(text, syntax('The document must be a JSON object'));
    refused('{}', syntax('The document has no Statement'));
    refused('{"Statement":[],"Extra":1}', syntax('The document has the unknown element "Extra"'));
    refused('{"Statement":["x"]}', syntax('Statement[0] must be a JSON object'));
    refused('{"Statement":[],"Id":7}', syntax('Id must be a string'));
    refused(
      '{"Version":"2026-01-01","Statement":[]}',
      'Policy document must be version 2012-10-17 or greater. (Version is 2026-01-01)',
    );
  });

  test('a key that is given twice, which JSON would drop in silence', () => {
    const text =
      '{"Statement":[{"Effect":"Allow","Action":"omics:StartRun","Resource":"*","Condition":' +
      '{"StringLike":{"omics:Workflow":"*"},"StringLike":{"omics:RunGroup":"*"}}}]}';
    refused(text, syntax('The key "StringLike" is given twice in one object'));
    refused(
      '{"Statement":[],"Statem\\u0065nt":[]}',
      syntax('The key "Statement" is given twice in one object'),
    );
  });

  test('a statement without what it needs, or with what it may not have', () => {
    refused(of({ ...allow, Effect: 'allow' }), syntax('Statement[0].Effect must be "Allow" or "Deny"'));
    refused(of({ ...allow, Sid: 1 }), syntax('Statement[0].Sid must be a string'));
    refused(of({ ...allow, Comment: 'x' }), syntax('Statement[0] has the unknown element "Comment"'));
    refused(of({ Effect: 'Allow', Resource: '*' }), 'Policy statement must contain actions. (Statement[0])');
    refused(
      of({ Effect: 'Allow', Action: 'a:b' }),
      'Policy statement must contain resources. (Statement[0])',
    );
    refused(of({ ...allow, NotAction: 'a:b' }), syntax('Statement[0] has both Action and NotAction'));
    refused(of({ ...allow, Action: [] }), syntax('Statement[0].Action is empty'));
    refused(of({ ...allow, Action: 1 }), syntax('Statement[0].Action must be a string or a list of strings'));
    refused(
      of({ ...allow, Principal: '*' }),
      'Policy document should not specify a principal. (Statement[0])',
    );
    refused(of(allow), 'Missing required field Principal. (Statement[0])', 'resource');
    refused(of({ ...allow, Principal: '*' }), 'Has prohibited field Resource. (Statement[0])', 'trust');
    refused(
      JSON.stringify({
        Statement: [
          { ...allow, Sid: 'a' },
          { ...allow, Sid: '' },
          { ...allow, Sid: '' },
          { ...allow, Sid: 'a' },
        ],
      }),
      'Statement IDs (SID) in a single policy must be unique. ("a")',
    );
  });

  test('repositories’ policies need no resource, endpoints’ need both', () => {
    const statement = { Effect: 'Allow', Action: 'ecr:BatchGetImage', Principal: '*' };
    assert.equal(parsePolicy(of(statement), 'repository').statements[0]!.resource, undefined);
    refused(of(statement), 'Policy statement must contain resources. (Statement[0])', 'endpoint');
    refused(of(allow), 'Missing required field Principal. (Statement[0])', 'endpoint');
  });

  test('actions: as the guide misprints them', () => {
    const vendor = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
    refused(of({ ...allow, Action: 'kms.Decrypt' }), `${vendor} (Statement[0].Action has "kms.Decrypt")`);
    refused(
      of({ ...allow, Action: ['omics>DeleteRun'] }),
      `${vendor} (Statement[0].Action has "omics>DeleteRun")`,
    );
    refused(
      of({ ...allow, Action: 'a:b:c' }),
      'Actions/Condition can contain only one colon. (Statement[0].Action has "a:b:c")',
    );
    refused(of({ ...allow, Action: 'o*:b' }), 'Vendor o* is not valid (Statement[0].Action has "o*:b")');
    refused(
      of({ ...allow, Action: 's3:Get Object' }),
      syntax('Statement[0].Action has "s3:Get Object", which is no action'),
    );
    assert.equal(parsePolicy(of({ ...allow, Action: '*' }), 'identity').statements[0]!.action.values[0], '*');
  });

  test('resources and principals that are none', () => {
    refused(
      of({ ...allow, Resource: 'mine' }),
      'Resource mine must be in ARN format or "*". (Statement[0].Resource)',
    );
    refused(
      of({ ...allow, Resource: 'arn:AWS:s3:::x/*' }),
      'Partition "AWS" is not valid for resource "arn:AWS:s3:::x/*". (Statement[0].Resource)',
    );
    for (const Resource of [
      'arn:*:s3:::x',
      'arn:${aws:p}:s3:::x',
      'arn:a?s:s3:::x',
      'arn:aws-cn:s3:::x',
      'arn:aws-us-gov:s3:::x',
    ]) {
      assert.equal(parsePolicy(of({ ...allow, Resource }), 'identity').statements.length, 1);
    }
    const named = (Principal: unknown) => of({ ...allow, Principal });
    refused(named({ AWS: 'me' }), 'Invalid principal in policy: "AWS":"me"', 'resource');
    for (const AWS of [
      'arn:aws:iam::123456789012:user/*',
      'arn:aws:iam::123456789012:role/a?c',
      'xarn:aws:iam::123456789012:root',
      'arn:aws:iam::123456789012:rootx',
      'arn:aws:iam::12:root',
      'arn:aws:iam::123456789012:group/g',
    ]) {
      refused(named({ AWS }), `Invalid principal in policy: "AWS":"${AWS}"`, 'resource');
    }
    refused(
      named({ AWS: '1234567890123' }),
      'Invalid principal in policy: "AWS":"1234567890123"',
      'resource',
    );
    refused(
      named({ Human: 'me' }),
      syntax('Statement[0].Principal has the unknown element "Human"'),
      'resource',
    );
    refused(named({}), syntax('Statement[0].Principal names nobody'), 'resource');
    refused(named('me'), syntax('Statement[0].Principal must be a JSON object'), 'resource');
    refused(
      named({ AWS: 7 }),
      syntax('Statement[0].Principal.AWS must be a string or a list of strings'),
      'resource',
    );
    refused(
      named({ AWS: ['*'] }).replace('"Principal"', '"NotPrincipal":"*","Principal"'),
      syntax('Statement[0] has both Principal and NotPrincipal'),
      'resource',
    );
  });

  test('conditions that can never hold', () => {
    const place = 'Statement[0].Condition';
    const on = (Condition: unknown) => of({ ...allow, Condition });
    refused(on('x'), syntax(`${place} must be a JSON object`));
    refused(on({ StringEquals: 'x' }), syntax(`${place}.StringEquals must be a JSON object`));
    for (const name of [
      'StringIs',
      'stringEquals',
      'NullIfExists',
      'ForAllValues:Null',
      'ForSomeValues:Bool',
      'XBool',
      'Bool ',
      'ForAnyValue:',
    ]) {
      refused(on({ [name]: { 'aws:x': 'true' } }), syntax(`${place} has the unknown operator "${name}"`));
    }
    refused(
      on({ Bool: { secure: 'true' } }),
      `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (${place}.Bool.secure)`,
    );
    refused(
      on({ Bool: { 'aws:': 'true' } }),
      `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (${place}.Bool.aws:)`,
    );
    refused(
      on({ StringEquals: { 'aws:x': {} } }),
      syntax(`${place}.StringEquals.aws:x must be a string or a list of strings`),
    );
    const never: readonly (readonly [string, string, string])[] = [
      ['NumericEquals', 'ten', 'number'],
      ['NumericEquals', '1x', 'number'],
      ['NumericEquals', 'x1', 'number'],
      ['DateLessThan', 'tomorrow', 'date'],
      ['DateLessThan', '2026-11-25T', 'date'],
      ['DateLessThan', 'on 2026-11-25', 'date'],
      ['DateLessThan', '2026-11-25T10:00', 'date'],
      ['Bool', 'yes', 'Boolean'],
      ['Bool', 'truely', 'Boolean'],
      ['Bool', 'untrue', 'Boolean'],
      ['Null', '1', 'Boolean'],
      ['IpAddress', '10.0.0.0/33', 'IP address or CIDR block'],
      ['IpAddress', '10.0.0', 'IP address or CIDR block'],
      ['NotIpAddress', '2001:db8::/129', 'IP address or CIDR block'],
      ['IpAddress', '10.0.0.0/8/8', 'IP address or CIDR block'],
      ['BinaryEquals', 'not base 64', 'Base64 text'],
      ['BinaryEquals', 'YWI===', 'Base64 text'],
      ['BinaryEquals', '=YWI', 'Base64 text'],
    ];
    for (const [operator, value, noun] of never) {
      refused(
        on({ [operator]: { 'aws:x': value } }),
        syntax(`${place}.${operator}.aws:x has "${value}", which is no ${noun}`),
      );
    }
  });
});
