import { resolve } from 'node:path';
import { runLaunch } from '@helicase/nextflow';
import type { NextflowCommand } from './arguments.ts';
import { FileLog } from './file-log.ts';
import { prepare } from './prepare.ts';
import { aside } from './terminal.ts';

/** `inspect`: the containers of a pipeline's processes, without running one. */
export async function inspect(command: NextflowCommand): Promise<number> {
  const log = new FileLog(resolve(command.log ?? '.nextflow.log'), aside());
  try {
    const stop = new AbortController();
    const { launched, main } = prepare({ ...command, preview: true, quiet: true }, log, stop.signal);
    const end = await runLaunch(launched, main, command.entry);
    if (end.report !== undefined) return log.fail(end.error);
    const processes = launched.session.containers();
    if (command.format === 'config')
      for (const { container, name } of processes)
        console.log(`process { withName: '${name}' { container = '${container}' } }`);
    else console.log(JSON.stringify({ processes }, null, 4));
    return 0;
  } catch (error) {
    return log.fail(error);
  }
}
