import { createHash } from 'node:crypto';
import type { IdempotencyStore, OperationContext } from '../operation.ts';
import { stableJson } from '../stable-json.ts';
import type { Reply } from '../protocol/protocol.ts';
import type { RegisteredOperation } from '../schema/registry.ts';

/** Performs the operation in this context, and writes the output as the reply. */
export interface Answer {
  perform(context: OperationContext): Promise<unknown>;
  write(output: unknown): Reply;
}

/**
 * Answers a request that carries an idempotency token once: a repetition gets the first answer as it was sent, a
 * failure is not remembered. A handler that calls `context.remember` in its transaction has the answer kept with what
 * it did; otherwise it is kept right after. Without a token or a store, just answers.
 */
export async function answerOnce(
  store: IdempotencyStore | undefined,
  operation: RegisteredOperation,
  input: Readonly<Record<string, unknown>>,
  context: OperationContext,
  answer: Answer,
): Promise<Reply> {
  const token = operation.tokenMember && input[operation.tokenMember.name];
  if (!store || typeof token !== 'string') return answer.write(await answer.perform(context));
  const { scope } = context;
  const name = `${operation.service.name}:${operation.schema.name}`;
  const fingerprint = fingerprintOf(input, operation.tokenMember!.name);
  const known = await store.recall(scope, name, token, fingerprint);
  if (known !== undefined) return known as Reply;
  const keep = (output: unknown, transaction?: object) =>
    store.remember(scope, name, token, fingerprint, answer.write(output), transaction);
  let kept = false;
  try {
    const output = await answer.perform({
      ...context,
      async remember(transaction, told) {
        await keep(told, transaction);
        kept = true;
      },
    });
    if (!kept) await keep(output);
    return answer.write(output);
  } catch (error) {
    await store.abandon?.(scope, name, token);
    throw error;
  }
}

function fingerprintOf(input: Readonly<Record<string, unknown>>, token: string): string {
  const { [token]: _token, ...rest } = input;
  return createHash('sha256').update(stableJson(rest)).digest('hex');
}
