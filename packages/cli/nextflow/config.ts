import { resolve } from 'node:path';
import { CONFIG_FORMATS, type ConfigFormat, configText, configValue, ScriptFault } from '@helicase/nextflow';
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
    const { values } = launched.config;
    if (command.value === undefined)
      process.stdout.write(configText(values, formatOf(command), command.sort));
    else console.log(valueOf(configValue(values, command.value), command.value));
    return 0;
  } catch (error) {
    return log.fail(error);
  }
}

function formatOf({ flat, outputFormat, properties }: NextflowCommand): ConfigFormat {
  if (flat) return 'flat';
  if (properties) return 'properties';
  const found = CONFIG_FORMATS.find((format) => format === (outputFormat ?? 'canonical'));
  if (found) return found;
  throw new ScriptFault(
    `The configuration cannot be written as "${outputFormat}", only as ${CONFIG_FORMATS.join(', ')}.`,
  );
}

function valueOf(found: string | undefined, path: string): string {
  if (found === undefined) throw new ScriptFault(`Configuration option '${path}' not found`);
  return found;
}
