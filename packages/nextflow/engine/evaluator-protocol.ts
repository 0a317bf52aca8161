import type { EngineFailure, OutputFile, TaskOutcome, TaskRequest } from '@helicase/runtime';

/** From the thread that evaluates to the one that speaks with the host. */
export type FromEvaluator =
  | { readonly type: 'run'; readonly id: number; readonly request: TaskRequest }
  | { readonly type: 'cancel-tasks' }
  /** Answered in shared memory, where the asking thread waits. */
  | { readonly type: 'ask'; readonly what: 'stat' | 'localize'; readonly uri: string }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string }
  | { readonly type: 'completed'; readonly files: readonly OutputFile[] }
  | { readonly type: 'ended'; readonly failure: EngineFailure };

export type ToEvaluator =
  | { readonly type: 'outcome'; readonly id: number; readonly outcome: TaskOutcome }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'cancel' };

/** The shared memory: whether there is an answer, its length, its JSON. */
const HEAD = 8;

type Answer = { readonly value: unknown } | { readonly error: string };

export async function answerNow(shared: SharedArrayBuffer, ask: () => Promise<unknown>): Promise<void> {
  let answer: Answer;
  try {
    answer = { value: (await ask()) ?? null };
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  const bytes = Buffer.from(JSON.stringify(answer)).subarray(0, shared.byteLength - HEAD);
  new Uint8Array(shared, HEAD).set(bytes);
  const head = new Int32Array(shared, 0, 2);
  head[1] = bytes.length;
  Atomics.store(head, 0, 1);
  Atomics.notify(head, 0);
}

/** Waits for the answer; throws what went wrong. */
export function awaitAnswer(shared: SharedArrayBuffer): unknown {
  const head = new Int32Array(shared, 0, 2);
  Atomics.wait(head, 0, 0);
  Atomics.store(head, 0, 0);
  const text = Buffer.from(new Uint8Array(shared, HEAD, head[1]).slice()).toString('utf8');
  const answer = JSON.parse(text) as Answer;
  if ('error' in answer) throw new Error(answer.error);
  return answer.value;
}
