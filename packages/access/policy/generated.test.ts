import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask } from './testing/ask.ts';
import { type Case, Generator } from './testing/generate.ts';
import { naiveIsAllowed, type NaivePolicies } from './testing/naive.ts';

/** `npm run policy:million` asks for more. */
const CASES = Number(process.env['HELICASE_POLICY_CASES'] ?? 50_000);
const LAW_CASES = Math.min(CASES, 3_000);
const SEED = Number(process.env['HELICASE_POLICY_SEED'] ?? 20261125);

describe('the evaluator and a naive one written from the documented rules', () => {
  test(`say the same of ${CASES} generated cases`, () => {
    const generator = new Generator(SEED);
    const counts = { allowed: 0, denied: 0, explicit: 0 };
    for (let number = 0; number < CASES; number++) {
      const { request, policies } = generator.case();
      const decision = ask(request, policies);
      if (decision.allowed !== naiveIsAllowed(request, policies)) {
        assert.fail(
          `case ${number} of seed ${SEED}: ${JSON.stringify({ decision, request, policies }, null, 1)}`,
        );
      }
      counts[decision.allowed ? 'allowed' : decision.by ? 'explicit' : 'denied']++;
    }
    // Cases of one kind only would compare nothing.
    for (const [kind, count] of Object.entries(counts)) assert.ok(count > CASES / 20, `${count} ${kind}`);
  });
});

describe('laws of any evaluator', () => {
  const generator = new Generator(SEED + 1);
  const cases = Array.from({ length: LAW_CASES }, () => generator.case());
  const isAllowed = ({ request }: Case, policies: NaivePolicies) => ask(request, policies).allowed;

  test('adding a deny never allows', () => {
    for (const one of cases) {
      const statement = { ...generator.statement(false), Effect: 'Deny' };
      const more = { ...one.policies, identity: [...one.policies.identity, { Statement: statement }] };
      if (isAllowed(one, more)) assert.ok(isAllowed(one, one.policies));
    }
  });

  test('removing an allow never allows', () => {
    for (const one of cases) {
      const fewer = mapStatements(one.policies, (list) => {
        const allow = list.findIndex(({ Effect }) => Effect === 'Allow');
        return list.filter((_, index) => index !== allow);
      });
      if (isAllowed(one, fewer)) assert.ok(isAllowed(one, one.policies));
    }
  });

  test('the order of policies and statements never matters', () => {
    for (const one of cases) {
      const reversed = mapStatements(one.policies, (list) => [...list].reverse());
      const { identity, resource } = reversed;
      const other = {
        ...reversed,
        identity: [...identity].reverse(),
        ...(resource ? { resource: [...resource].reverse() } : {}),
      };
      assert.equal(isAllowed(one, other), isAllowed(one, one.policies));
    }
  });

  test('a policy given twice says what it says once', () => {
    for (const one of cases) {
      const twice = { ...one.policies, identity: [...one.policies.identity, ...one.policies.identity] };
      assert.equal(isAllowed(one, twice), isAllowed(one, one.policies));
    }
  });
});

type Statements = readonly Readonly<Record<string, unknown>>[];

function mapStatements(policies: NaivePolicies, change: (list: Statements) => Statements): NaivePolicies {
  const each = (list: readonly Readonly<Record<string, unknown>>[]) =>
    list.map((policy) => ({ ...policy, Statement: change(policy['Statement'] as Statements) }));
  return Object.fromEntries(
    Object.entries(policies).map(([type, list]) => [
      type,
      type === 'serviceControl' ? (list as (typeof policies.identity)[]).map(each) : each(list as Statements),
    ]),
  ) as unknown as NaivePolicies;
}
