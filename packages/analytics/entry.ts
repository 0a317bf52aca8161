import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';

export type Handler<Input, Output> = (input: Input, context: OperationContext) => Promise<Output>;

/** Entries of a service's table whose actions, quota and resources are named alike. */
export function entriesOf(
  service: string,
  quota: string,
  resources: (input: object, scope: Scope) => readonly string[],
) {
  return <Input extends object, Output>(
    name: string,
    readOnly: boolean,
    handler: Handler<Input, Output>,
  ): AnyOperation =>
    defineOperation<Input, Output>({
      ...{ name, readOnly, quota, action: `${service}:${name}`, handler },
      resources: (input, { scope }) => resources(input, scope),
    });
}
