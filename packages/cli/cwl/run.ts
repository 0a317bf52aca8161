import { resolve } from 'node:path';
import {
  decimal,
  definitionFolder,
  DocumentError,
  hideSecrets,
  located,
  openMain,
  runOpened,
  UnsupportedError,
} from '@helicase/cwl';
import { EngineFailureError } from '@helicase/runtime';
import { deliver } from './delivery.ts';
import { readOrder } from './job.ts';
import { localHost, type LocalImages, terminalLog } from '../local/host.ts';
import { inRunFolder } from '../local/run-folder.ts';

export interface CwlRunFlags {
  readonly outdir: string;
  readonly quiet: boolean;
  readonly sandbox: boolean;
  readonly images?: LocalImages;
}

/** "33 for an unsupported requirement", by the contract of the conformance runner. */
const UNSUPPORTED = 33;

/** `helicase cwl run TOOL [JOB]`: the output object on standard output, what went wrong on standard error. */
export async function cwlRun(tool: string, job: string | undefined, flags: CwlRunFlags): Promise<number> {
  return inRunFolder('cwl', async (directory, signal) => {
    try {
      const order = await readOrder(tool, job);
      const { images, quiet, sandbox } = flags;
      const main = order.tool.slice(1);
      const opened = await openMain(definitionFolder('/'), '/', main);
      const secrets = hideSecrets(opened, order.job);
      const host = localHost({
        ...{ language: 'cwl', directory, log: terminalLog(quiet), sandbox },
        ...{ secrets: secrets.values, ...(images ? { images } : {}) },
      });
      const result = await runOpened(opened, {
        ...{ definition: '/', main, parameters: secrets.job },
        ...{ host, runDirectory: directory, signal },
      });
      console.log(JSON.stringify(await deliver(result, resolve(flags.outdir)), plainNumbers, 4));
      return 0;
    } catch (error) {
      return complain(error);
    }
  });
}

/** Large numbers in decimal, as the documents have them: some readers tell 1e+42 from its integer. */
function plainNumbers(_name: string, value: unknown): unknown {
  const json = JSON as typeof JSON & { rawJSON(text: string): unknown };
  return typeof value === 'number' && /e/.test(String(value)) ? json.rawJSON(decimal(value)) : value;
}

function complain(error: unknown): number {
  const failure = error instanceof EngineFailureError ? error.failure : undefined;
  const message = error instanceof Error ? error.message : String(error);
  console.error(`helicase cwl: ${error instanceof DocumentError ? located(error) : message}`);
  if (failure?.logTail) console.error(failure.logTail);
  const cause = failure && error instanceof Error ? error.cause : error;
  return cause instanceof UnsupportedError ? UNSUPPORTED : 1;
}
