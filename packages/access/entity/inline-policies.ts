import type { AnyOperation, PageTokens } from '@helicase/wire';
import { checkPolicy, encodePolicyDocument } from '../policy-text.ts';
import { errors } from '../errors.ts';
import type { Entities, Row } from './entities.ts';
import { iamEntry, namedArn } from './entry.ts';
import type { EntityDoc } from './model.ts';
import { type PageRequest, pageOf } from './page.ts';

type Named = Readonly<Record<string, string | undefined>>;

/** Characters without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const INLINE_LIMIT = { User: 2048, Group: 5120, Role: 10_240, InstanceProfile: 0 };

/** Put, Get, List and Delete…Policy of users, groups or roles. */
export function inlinePolicyOperations<Doc extends EntityDoc>(
  entities: Entities<Doc>,
  pageTokens: PageTokens,
): readonly AnyOperation[] {
  const { noun } = entities;
  const nameOf = (input: Named) => input[`${noun}Name`]!;
  const arn = namedArn(entities, nameOf);
  return [
    iamEntry<Named, object>(`Put${noun}Policy`, arn, async (input, { scope }) => {
      const text = checkPolicy(input['PolicyDocument'], 'identity');
      await entities.change(scope.account, nameOf(input), (doc) => {
        const inlinePolicies = { ...doc.inlinePolicies, [input['PolicyName']!]: text };
        checkSize(noun, doc.name, inlinePolicies);
        return { ...doc, inlinePolicies };
      });
      return {};
    }),
    iamEntry<Named, object>(`Get${noun}Policy`, arn, async (input, { scope }) => {
      const row = await entities.get(scope.account, nameOf(input));
      const text = policyOf(noun, row, input['PolicyName']!);
      return {
        [`${noun}Name`]: row.doc.name,
        PolicyName: input['PolicyName'],
        PolicyDocument: encodePolicyDocument(text),
      };
    }),
    iamEntry<Named & PageRequest, object>(`List${noun}Policies`, arn, async (input, context) => {
      const row = await entities.get(context.scope.account, nameOf(input as Named));
      const items = Object.keys(row.doc.inlinePolicies);
      const list = { operation: `List${noun}Policies`, filter: row.id, items, key: (name: string) => name };
      const page = pageOf(pageTokens, context, list, input);
      return { PolicyNames: page.items, ...page.rest };
    }),
    iamEntry<Named, object>(`Delete${noun}Policy`, arn, async (input, { scope }) => {
      await entities.change(scope.account, nameOf(input), (doc) => {
        policyOf(noun, { doc }, input['PolicyName']!);
        const { [input['PolicyName']!]: _removed, ...inlinePolicies } = doc.inlinePolicies;
        return { ...doc, inlinePolicies };
      });
      return {};
    }),
  ];
}

function policyOf(noun: string, { doc }: Pick<Row<EntityDoc>, 'doc'>, policy: string): string {
  const text = Object.hasOwn(doc.inlinePolicies, policy) ? doc.inlinePolicies[policy] : undefined;
  if (text === undefined) throw errors.inlineMissing({ noun: noun.toLowerCase(), policy, name: doc.name });
  return text;
}

function checkSize(
  noun: keyof typeof INLINE_LIMIT,
  name: string,
  policies: Readonly<Record<string, string>>,
): void {
  const size = Object.values(policies).reduce((sum, text) => sum + text.replace(/\s/g, '').length, 0);
  const limit = INLINE_LIMIT[noun];
  if (size > limit) throw errors.inlineTooLarge({ noun: noun.toLowerCase(), name, limit });
}
