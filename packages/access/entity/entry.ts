import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import type { Entities } from './entities.ts';
import { entityArn, type EntityDoc } from './model.ts';

type Handler<Input, Output> = (input: Input, context: OperationContext) => Promise<Output>;
type Resources<Input> = (input: Input, context: OperationContext) => string | Promise<string>;

/** An operation of IAM: its action is its name, and whether it only reads shows in the name. */
export function iamEntry<Input, Output>(
  name: string,
  resource: Resources<Input>,
  handler: Handler<Input, Output>,
): AnyOperation {
  const readOnly = /^(Get|List|Simulate)/.test(name);
  return defineOperation<Input, Output>({
    name,
    action: `iam:${name}`,
    resources: async (input, context) => [await resource(input, context)],
    readOnly,
    quota: readOnly ? 'iam-read' : 'iam-write',
    handler,
  });
}

/** The ARN of the entity that a request names; with its path where it exists, as policies may name it by path. */
export function namedArn<Doc extends EntityDoc>(
  entities: Entities<Doc>,
  nameOf: (input: never, context: OperationContext) => string | undefined,
): (input: unknown, context: OperationContext) => Promise<string> {
  return async (input, context) => {
    const { account } = context.scope;
    const name = nameOf(input as never, context) ?? '*';
    const found = await entities.find(account, name);
    return found ? entities.arn(found) : entityArn(account, entities.noun, { path: '/', name });
  };
}

export const anyResource = () => '*';
