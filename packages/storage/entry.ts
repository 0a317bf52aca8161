import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import type { Checked } from './input.ts';

interface Entry<Input, Output> {
  readonly name: string;
  readonly readOnly: boolean;
  /** The ARN that the request names. */
  readonly resource: (scope: Scope, input: Checked<Input>) => string;
  readonly handler: (input: Checked<Input>, context: OperationContext) => Promise<Output>;
}

/** One entry of the storage table: its IAM action and throttling bucket are the operation's name. */
export function entry<Input, Output>(entry: Entry<Input, Output>): AnyOperation {
  return defineOperation<Checked<Input>, Output>({
    name: entry.name,
    action: `omics:${entry.name}`,
    resources: (input, context) => [entry.resource(context.scope, input)],
    readOnly: entry.readOnly,
    quota: entry.name,
    handler: entry.handler,
  });
}
