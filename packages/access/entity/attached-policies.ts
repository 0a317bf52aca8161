import type { AnyOperation, PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import type { ManagedPolicies } from '../managed-policy/managed-policies.ts';
import type { Entities } from './entities.ts';
import { iamEntry, namedArn } from './entry.ts';
import type { EntityDoc } from './model.ts';
import { type PageRequest, pageOf } from './page.ts';

type Named = Readonly<Record<string, string | undefined>>;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; AWS gives 10, and up to 20 on request. */
const ATTACHED_LIMIT = 20;

export interface AttachedOptions {
  readonly policies: ManagedPolicies;
  readonly pageTokens: PageTokens;
}

/** Attach, Detach and ListAttached…Policies, and the permissions boundary of users and roles. */
export function attachedPolicyOperations<Doc extends EntityDoc>(
  entities: Entities<Doc>,
  { policies, pageTokens }: AttachedOptions,
): readonly AnyOperation[] {
  const { noun } = entities;
  const nameOf = (input: Named) => input[`${noun}Name`]!;
  const arn = namedArn(entities, nameOf);
  return [
    iamEntry<Named, object>(`Attach${noun}Policy`, arn, async (input, { scope }) => {
      const policy = await policies.get(scope.account, input['PolicyArn']!);
      await entities.change(scope.account, nameOf(input), (doc) => {
        const attached = new Set([...(doc.attachedPolicies ?? []), policy.arn]);
        if (attached.size > ATTACHED_LIMIT) {
          throw errors.tooManyAttached({ noun: noun.toLowerCase(), name: doc.name, limit: ATTACHED_LIMIT });
        }
        return { ...doc, attachedPolicies: [...attached] };
      });
      return {};
    }),
    iamEntry<Named, object>(`Detach${noun}Policy`, arn, async (input, { scope }) => {
      await entities.change(scope.account, nameOf(input), (doc) => {
        const attached = doc.attachedPolicies ?? [];
        if (!attached.includes(input['PolicyArn']!)) {
          throw errors.notAttached({ policy: input['PolicyArn']!, noun: noun.toLowerCase(), name: doc.name });
        }
        return { ...doc, attachedPolicies: attached.filter((other) => other !== input['PolicyArn']) };
      });
      return {};
    }),
    iamEntry<Named & PageRequest, object>(`ListAttached${noun}Policies`, arn, async (input, context) => {
      const row = await entities.get(context.scope.account, nameOf(input as Named));
      const items = (row.doc.attachedPolicies ?? []).map(attachedPolicy);
      const list = {
        operation: `ListAttached${noun}Policies`,
        filter: row.id,
        items,
        key: ({ PolicyArn }: { PolicyArn: string }) => PolicyArn,
      };
      const page = pageOf(pageTokens, context, list, input);
      return { AttachedPolicies: page.items, ...page.rest };
    }),
    ...(noun === 'Group' ? [] : boundaryOperations(entities, policies)),
  ];
}

function boundaryOperations<Doc extends EntityDoc>(
  entities: Entities<Doc>,
  policies: ManagedPolicies,
): readonly AnyOperation[] {
  const { noun } = entities;
  const nameOf = (input: Named) => input[`${noun}Name`]!;
  const arn = namedArn(entities, nameOf);
  return [
    iamEntry<Named, object>(`Put${noun}PermissionsBoundary`, arn, async (input, { scope }) => {
      const { arn: boundary } = await policies.get(scope.account, input['PermissionsBoundary']!);
      await entities.change(scope.account, nameOf(input), (doc) => ({ ...doc, boundary }));
      return {};
    }),
    iamEntry<Named, object>(`Delete${noun}PermissionsBoundary`, arn, async (input, { scope }) => {
      await entities.change(scope.account, nameOf(input), ({ boundary: _removed, ...doc }) => doc as Doc);
      return {};
    }),
  ];
}

export function attachedPolicy(arn: string): { PolicyName: string; PolicyArn: string } {
  return { PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn };
}
