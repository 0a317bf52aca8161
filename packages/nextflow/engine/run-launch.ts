import { randomUUID } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { setting } from '../config/config-loader.ts';
import { ScriptFault } from '../diagnostics/fault.ts';
import type { TaskFailure } from '../run/session.ts';
import { Closure } from '../values/closure.ts';
import { ScriptExit } from '../values/script-exit.ts';
import { Moment } from '../evaluate/classes/dates.ts';
import type { Session } from '../run/session.ts';
import type { WorkflowObject } from '../run/workflow-object.ts';
import { GroovyMap } from '../values/map.ts';
import type { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import type { Launch } from './launch.ts';

/** How a run ended. */
export interface RunEnd {
  readonly success: boolean;
  readonly exitStatus: number;
  /** What went wrong, for the user. */
  readonly report: string | undefined;
  readonly failure: TaskFailure | undefined;
  readonly error: unknown;
}

/** Builds the network of the script and runs it to its end; the handlers of the script have been called then. */
export async function runLaunch(
  { config, session, workflow }: Launch,
  main: string,
  entry?: string,
): Promise<RunEnd> {
  let end: RunEnd;
  try {
    session.build(main, entry);
    await session.run();
    end = endOf(undefined, session.failure, session.stats.ignored > 0 && session.failOnIgnore);
  } catch (error) {
    end = endOf(error, session.failure, false);
  }
  if (session.preview) return end;
  try {
    const handlers = session.entry?.definition ?? { onComplete: null, onError: null };
    // Those of the configuration come with those of the script.
    for (const name of ['onComplete', 'onError']) {
      const handler = setting(config.values, `workflow.${name}`);
      if (handler instanceof Closure)
        workflow.setProperty(name, handler.withDelegate(session.handlerScope(), 'delegate-first'));
    }
    workflow.finish(
      {
        success: end.success,
        exitStatus: end.exitStatus,
        errorMessage: end.report ?? null,
        errorReport: end.report ?? null,
      },
      handlers,
    );
    if (end.success) publishProvenance(session, workflow);
  } catch (error) {
    return end.success ? endOf(error, undefined, false) : end;
  }
  return end;
}

/** The documents of nf-prov, where the configuration names them. */
function publishProvenance(session: Session, { facts }: WorkflowObject): void {
  const { files, launchDir, params, projectDir } = session;
  const warn = (message: string) => session.log.log('warn', 'nextflow.prov', message);
  const manifest = facts.get('manifest');
  const documents = session.provenance?.files({
    ...{ id: randomUUID(), main: text(facts.get('scriptFile')), version: text(session.nextflow.version) },
    ...{ files, launchDir, params, projectDir, projectName: text(facts.get('projectName')), warn },
    config: session.config,
    manifest: manifest instanceof GroovyMap ? manifest : new GroovyMap(),
    started: (facts.get('start') as Moment).date,
    ended: new Date(),
  });
  for (const document of documents ?? []) {
    const { overwrite, path } = document;
    if (!overwrite && session.exposesProject && files.stat(resolve(launchDir, path))) {
      const hint = 'set "overwrite" of its format to write over it';
      warn(`The provenance file ${path} is there already: ${hint}.`);
      continue;
    }
    const publish = (name: string, content: string | FilePath, isReplaced: boolean) => {
      const file = typeof content === 'string' ? session.runFiles.scratchFile(name, content) : content;
      session.publishFile({ ...{ file, name, overwrite: isReplaced, mode: 'copy' }, folder: dirname(path) });
    };
    // Where the user's own files lie, what has the name of one is that one: above all nextflow.config.
    const isUsers = [launchDir, projectDir].includes(resolve(launchDir, dirname(path)));
    for (const { content, name } of document.beside ?? []) publish(name, content, overwrite && !isUsers);
    publish(basename(path), document.text, overwrite);
  }
}

function endOf(error: unknown, failure: TaskFailure | undefined, ignored: boolean): RunEnd {
  if (failure) {
    const exitStatus = failure.exitCode === undefined || failure.exitCode === 0 ? 1 : failure.exitCode;
    return { success: false, exitStatus, report: failure.report, failure, error: failure.error };
  }
  if (error instanceof ScriptExit) {
    return {
      success: error.status === 0,
      exitStatus: error.status,
      report: error.message || undefined,
      failure: undefined,
      error,
    };
  }
  if (error !== undefined) {
    return {
      success: false,
      exitStatus: 1,
      report:
        error instanceof ScriptFault
          ? error.className === 'ScriptRuntimeException'
            ? error.message
            : error.describe()
          : unexpected(error),
      failure: undefined,
      error,
    };
  }
  if (ignored)
    return {
      success: false,
      exitStatus: 1,
      report: 'Tasks failed and were ignored; workflow.failOnIgnore makes that the failure of the run.',
      failure: undefined,
      error: undefined,
    };
  return { success: true, exitStatus: 0, report: undefined, failure: undefined, error: undefined };
}

/** A fault of ours. Its stack goes to the log, not to the user. */
function unexpected(error: unknown): string {
  return `Unexpected error: ${error instanceof Error ? error.message : String(error)}. This is a fault of the engine; .nextflow.log has the details.`;
}
