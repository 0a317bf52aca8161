import { resolve } from 'node:path';
import { configText } from '@helicase/nextflow';
import type { NextflowCommand } from './arguments.ts';
import { FileLog } from './file-log.ts';
import { prepare } from './prepare.ts';
import { aside } from './terminal.ts';

/** `config`: the settings that a run would have. */
export function config(command: NextflowCommand): number {
  const log = new FileLog(resolve(command.log ?? '.nextflow.log'), aside());
  try {
    const [given = '.'] = command.positionals;
    const { launched } = prepare({ ...command, positionals: [given] }, log, new AbortController().signal);
    process.stdout.write(configText(launched.config.values));
    return 0;
  } catch (error) {
    return log.fail(error);
  }
}
