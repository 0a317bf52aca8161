import { errors } from '../errors.ts';
import type { AnyOperation, AuthorizationQuestion, Authorizer, OperationContext } from '../operation.ts';
import { tagKeys } from './tag-keys.ts';

/** Puts a request of an operation to the authorizer, with what its entry says of it. Throws AccessDeniedException. */
export async function authorizeOperation(
  authorizer: Authorizer,
  { action, conditions, forwards = [], guard, open }: AnyOperation,
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
  const asked = { principal, scope, ...(origin ? { origin } : {}) };
  await ask(authorizer, {
    ...{ ...asked, action, resources, ...ofResource },
    conditions: { ...own, ...ofResource.conditions },
  });
  for (const { action: other, via } of forwards) {
    await ask(authorizer, { ...asked, action: other, resources: ['*'], via });
  }
}

async function ask(authorizer: Authorizer, question: AuthorizationQuestion): Promise<void> {
  const verdict = await authorizer.authorize(question);
  if (!verdict.allowed) throw errors.accessDenied({ message: verdict.message });
}
