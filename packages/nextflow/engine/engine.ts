import { Worker } from 'node:worker_threads';
import {
  EngineFailureError,
  type LanguageEngine,
  type LanguageResult,
  type LanguageRun,
} from '@helicase/runtime';
import { answerNow, type FromEvaluator, type ToEvaluator } from './evaluator-protocol.ts';

const ANSWER_BYTES = 1 << 20;

/**
 * Nextflow DSL2. The scripts are evaluated in a thread of their own: Groovy asks for the bytes of a file and waits, so
 * that thread waits while this one asks the host.
 */
export const nextflowEngine: LanguageEngine = { run };

function run(request: LanguageRun): Promise<LanguageResult> {
  const { definition, host, main, parameters, profiles = [], runDirectory, signal } = request;
  const shared = new SharedArrayBuffer(ANSWER_BYTES);
  const worker = new Worker(new URL('./evaluator.ts', import.meta.url), {
    workerData: { definition, main, parameters, profiles, runDirectory, scratch: host.scratch(), shared },
  });
  const tasks = new AbortController();
  const tell = (message: ToEvaluator) => worker.postMessage(message);
  const cancel = () => tell({ type: 'cancel' });
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  return new Promise<LanguageResult>((resolve, reject) => {
    worker.on('message', (message: FromEvaluator) => {
      switch (message.type) {
        case 'run':
          void host.run(message.request, AbortSignal.any([signal, tasks.signal])).then(
            (outcome) => tell({ type: 'outcome', id: message.id, outcome }),
            (error: unknown) => tell({ type: 'failed', id: message.id, message: String(error) }),
          );
          return;
        case 'cancel-tasks':
          tasks.abort();
          return;
        case 'ask':
          void answerNow(shared, () =>
            message.what === 'stat' ? host.stat(message.uri) : host.localize(message.uri),
          );
          return;
        case 'log':
          host.log(message.level, message.text);
          return;
        case 'completed':
          resolve({ outputs: {}, files: message.files });
          return;
        case 'ended':
          reject(new EngineFailureError(message.failure));
      }
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('The evaluator ended without a result.')));
  }).finally(() => {
    signal.removeEventListener('abort', cancel);
    tasks.abort();
    void worker.terminate();
  });
}
