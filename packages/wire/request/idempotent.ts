import { createHash } from 'node:crypto';
import type { IdempotencyStore, OperationContext } from '../operation.ts';
import { stableJson } from '../stable-json.ts';
import type { Reply } from '../protocol/protocol.ts';
import type { RegisteredOperation } from '../schema/registry.ts';

/**
 * Answers a request that carries an idempotency token once: a repetition gets the first answer as it was sent, a
 * failure is not remembered. Without a token or a store, just answers.
 */
export async function answerOnce(
  store: IdempotencyStore | undefined,
  operation: RegisteredOperation,
  input: Readonly<Record<string, unknown>>,
  context: OperationContext,
  answer: () => Promise<Reply>,
): Promise<Reply> {
  const token = operation.tokenMember && input[operation.tokenMember.name];
  if (!store || typeof token !== 'string') return answer();
  const { scope } = context;
  const name = `${operation.service.name}:${operation.schema.name}`;
  const fingerprint = fingerprintOf(input, operation.tokenMember!.name);
  const known = await store.recall(scope, name, token, fingerprint);
  if (known !== undefined) return known as Reply;
  try {
    const reply = await answer();
    await store.remember(scope, name, token, fingerprint, reply);
    return reply;
  } catch (error) {
    await store.abandon?.(scope, name, token);
    throw error;
  }
}

function fingerprintOf(input: Readonly<Record<string, unknown>>, token: string): string {
  const { [token]: _token, ...rest } = input;
  return createHash('sha256').update(stableJson(rest)).digest('hex');
}
