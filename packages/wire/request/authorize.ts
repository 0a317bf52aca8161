import { errors } from '../errors.ts';
import type { AnyOperation, Authorizer, OperationContext } from '../operation.ts';
import { tagKeys } from './tag-keys.ts';

/** Puts a request of an operation to the authorizer, with what its entry says of it. Throws AccessDeniedException. */
export async function authorizeOperation(
  authorizer: Authorizer,
  { action, conditions, guard, open }: AnyOperation,
  request: {
    readonly input: Readonly<Record<string, unknown>>;
    readonly context: OperationContext;
    readonly resources: readonly string[];
  },
): Promise<void> {
  if (open) return;
  const { context, input, resources } = request;
  const { origin, principal, scope } = context;
  const own = { ...tagKeys(input), ...conditions?.(input as never, context) };
  const ofResource = (await guard?.(input as never, context)) ?? {};
  const verdict = await authorizer.authorize({
    principal,
    scope,
    action,
    resources,
    ...ofResource,
    conditions: { ...own, ...ofResource.conditions },
    ...(origin ? { origin } : {}),
  });
  if (!verdict.allowed) throw errors.accessDenied({ message: verdict.message });
}
