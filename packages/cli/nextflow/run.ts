import { resolve } from 'node:path';
import { outputsText, runLaunch, ScriptExit } from '@helicase/nextflow';
import type { NextflowCommand } from './arguments.ts';
import { FileLog } from './file-log.ts';
import { type Prepared, prepare } from './prepare.ts';
import { length } from './task-fields.ts';
import { liveTerminal } from './live-terminal.ts';
import { agentTerminal, plainTerminal, type Terminal } from './terminal.ts';

/** `run`: to the end of the pipeline; its exit status. */
export async function run(command: NextflowCommand): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const agent = ['1', 'true'].includes(process.env['NXF_AGENT_MODE'] ?? '');
  const log = new FileLog(
    resolve(command.log ?? '.nextflow.log'),
    agent ? agentTerminal() : userTerminal(command),
  );
  log.log('debug', 'nextflow.cli.Launcher', `$> ${command.line}`);
  try {
    return await perform(command, prepare(command, log, stop.signal));
  } catch (error) {
    return error instanceof ScriptExit ? error.status : log.fail(error);
  }
}

function userTerminal({ ansiLog, quiet }: NextflowCommand): Terminal {
  const plain = plainTerminal(quiet);
  return ansiLog && !quiet && process.stdout.isTTY ? liveTerminal(plain, process.stdout) : plain;
}

async function perform(command: NextflowCommand, prepared: Prepared): Promise<number> {
  const { begin, history, launched, log, main, records, runName } = prepared;
  const started = Date.now();
  const { chosenReports, writeReports } = await import('./reports.ts');
  const reports = chosenReports(command, launched, started);
  begin();
  const end = await runLaunch(launched, main, command.entry);
  if (end.report !== undefined) log.error(end.report, end.error);
  else log.print(outputsText(launched.session, command.outputFormat ?? 'text'));
  log.terminal.end(records, end.success);
  writeReports(reports, launched, { runName, records });
  if (command.preview) return end.exitStatus & 255;
  history.end(runName, { status: end.success ? 'OK' : 'ERR', duration: length(Date.now() - started) });
  log.log('debug', 'nextflow.script.ScriptRunner', '> Execution complete -- Goodbye');
  return end.exitStatus & 255;
}
