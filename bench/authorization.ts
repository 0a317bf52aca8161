/**
 * What a request pays for being authorized: the decision of a user with 200 policies attached (three statements each,
 * conditions in every fourth) against the same question to a user with one policy; the whole question through the access
 * room while a write transaction is open; and signature checks a second on one core against the AWS SDK's own signer.
 *
 *   node_modules/.bin/node bench/authorization.ts
 */
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  GetUserCommand,
  PutGroupPolicyCommand,
} from '@aws-sdk/client-iam';
import { SignatureV4 } from '@smithy/signature-v4';
import { createHash, createHmac } from 'node:crypto';
import {
  compilePolicy,
  contextOf,
  decide,
  parsePolicy,
  type Policy,
} from '../packages/access/policy/index.ts';
import { openAccessWorld } from '../packages/access/testing/world.ts';
import { readIncoming } from '../packages/wire/request/incoming.ts';
import { readClaim, type V4Claim } from '../packages/wire/signature/claim.ts';
import { SigningKeys } from '../packages/wire/signature/signing-keys.ts';
import { isSignedV4 } from '../packages/wire/signature/verify-v4.ts';

const ROUNDS = 20_000;
const ACCOUNT = '111122223333';
const ARN = `arn:aws:omics:us-east-1:${ACCOUNT}:run/`;

function documentOf(number: number): string {
  const Condition = { StringEquals: { 'aws:PrincipalTag/team': `team-${number}` } };
  const isDeny = number % 4 === 0; // of every action, on a condition: asked of every request
  const document = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: `arn:aws:s3:::bucket-${number}/*` },
      { Effect: 'Allow', Action: ['omics:Get*', 'omics:List*'], Resource: `${ARN}${number}*` },
      {
        Effect: 'Deny',
        Resource: '*',
        ...(isDeny ? { Action: 'omics:*', Condition } : { Action: 'omics:Delete*' }),
      },
    ],
  };
  return JSON.stringify(document);
}

function policyOf(number: number): Policy {
  return compilePolicy(`policy ${number}`, parsePolicy(documentOf(number), 'identity'));
}

function median(work: () => void): number {
  for (let warm = 0; warm < 2_000; warm++) work();
  const times = Array.from({ length: ROUNDS }, () => {
    const start = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - start) / 1000;
  });
  return times.sort((a, b) => a - b)[ROUNDS / 2]!;
}

function decision(count: number): number {
  const identity = Array.from({ length: count }, (_, number) => policyOf(number));
  const requester = { account: ACCOUNT, kind: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/ann` } as const;
  const keys = { 'aws:username': 'ann', 'aws:SourceIp': '10.0.0.1', 'aws:PrincipalTag/team': 'team-x' };
  return median(() => {
    // The context is made anew, as for every request.
    const context = contextOf({ ...keys, 'aws:CurrentTime': new Date().toISOString() });
    const allowed = decide(
      { requester, action: 'omics:getrun', resource: `${ARN}${count - 1}`, owner: ACCOUNT, context },
      { identity },
    ).allowed;
    if (!allowed) throw new Error('the last policy allows it');
  });
}

class Sha256 {
  readonly #key: Buffer | string | undefined;
  readonly #parts: (Uint8Array | string)[] = [];
  constructor(key?: Buffer | string) {
    this.#key = key;
  }
  update(data: Uint8Array | string): void {
    this.#parts.push(data);
  }
  async digest(): Promise<Uint8Array> {
    const hash = this.#key === undefined ? createHash('sha256') : createHmac('sha256', this.#key);
    for (const part of this.#parts) hash.update(part);
    return hash.digest();
  }
}

/** Of this process: what a core does, however many others share it. */
async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

async function signatures(): Promise<{ readonly checked: number; readonly signed: number }> {
  const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey };
  const signer = new SignatureV4({
    service: 'omics',
    region: 'us-east-1',
    credentials,
    sha256: Sha256 as never,
  });
  const request = {
    ...{
      method: 'GET',
      protocol: 'http:',
      hostname: 'localhost',
      path: '/run/1234567890',
      query: { export: 'DEFINITION' },
    },
    headers: {
      host: 'localhost:4600',
      'amz-sdk-invocation-id': '8f7f0c1e',
      'content-type': 'application/json',
    },
  };
  const signed = (await signer.sign(request as never)) as unknown as { headers: Record<string, string> };
  const raw = Object.entries(signed.headers).flat();
  const incoming = () =>
    readIncoming({ url: '/run/1234567890?export=DEFINITION', method: 'GET', rawHeaders: raw } as never);
  const empty = createHash('sha256').update('').digest('hex');
  const COUNT = 50_000;
  const keys = new SigningKeys();
  const check = () => {
    const one = incoming();
    const claim = readClaim(one) as V4Claim;
    if (!isSignedV4(one, claim, keys.of(secretAccessKey, claim), empty)) throw new Error('it is signed');
  };
  for (let warm = 0; warm < 5_000; warm++) check();
  const checked =
    COUNT /
    (await cpuSeconds(async () => {
      for (let number = 0; number < COUNT; number++) check();
    }));
  const SIGNED = 5_000;
  const seconds = await cpuSeconds(async () => {
    for (let number = 0; number < SIGNED; number++) await signer.sign(request as never);
  });
  return { checked, signed: SIGNED / seconds };
}

/**
 * The whole question as a request puts it, through the room: identity, keys of the request, 200 managed policies on a
 * user. Asked while another connection holds the database's write lock: nothing of it waits.
 */
async function question(count: number): Promise<{ readonly median: number; readonly longest: number }> {
  const world = await openAccessWorld();
  const admin = world.iam(world.one);
  await admin.send(new CreateUserCommand({ UserName: 'ann' }));
  // As many as IAM lets a user have: ten groups with ten managed policies and ten of their own each.
  for (let group = 0; group < count / 20; group++) {
    const GroupName = `group-${group}`;
    await admin.send(new CreateGroupCommand({ GroupName }));
    await admin.send(new AddUserToGroupCommand({ GroupName, UserName: 'ann' }));
    for (let number = group * 20; number < (group + 1) * 20; number++) {
      const [PolicyName, PolicyDocument] = [`policy-${number}`, documentOf(number)];
      if (number % 2 === 0)
        await admin.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument }));
      else {
        const { Policy } = await admin.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
        await admin.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: Policy!.Arn! }));
      }
    }
  }
  const { User } = await admin.send(new GetUserCommand({ UserName: 'ann' }));
  const principal = { account: ACCOUNT, kind: 'user', arn: User!.Arn!, id: User!.UserId! } as const;
  const scope = { account: ACCOUNT, region: 'us-east-1' };
  const resources = [`${ARN}${count - 1}`];
  const ask = () =>
    world.access.authorizer.authorize({ principal, scope, action: 'omics:GetRun', resources });
  for (let warm = 0; warm < 2_000; warm++) await ask();
  const times: number[] = [];
  await world.opened.records.transaction(async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const start = process.hrtime.bigint();
      const { allowed } = await ask();
      times.push(Number(process.hrtime.bigint() - start) / 1000);
      if (!allowed) throw new Error('the last policy allows it');
    }
  });
  await world.close();
  times.sort((a, b) => a - b);
  return { median: times[ROUNDS / 2]!, longest: times.at(-1)! };
}

const one = decision(1);
const many = decision(200);
const whole = await question(200);
const { checked, signed } = await signatures();
console.log(
  `authorization, median of ${ROUNDS}: ${many.toFixed(1)} µs with 200 policies (600 statements), ${one.toFixed(1)} µs with one`,
);
console.log(
  `the whole question with 200 policies: ${whole.median.toFixed(1)} µs at the median, ${(whole.longest / 1000).toFixed(1)} ms at most, while a write transaction is held open`,
);
console.log(
  `signature checks: ${Math.round(checked)} a second on one core; the SDK signs ${Math.round(signed)} a second`,
);
