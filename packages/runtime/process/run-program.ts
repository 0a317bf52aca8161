import type { Clock } from '@helicase/kernel';
import type { RunningTask, TaskLaunch } from '../backend.ts';
import type { ControlGroup } from '../cgroup/control-group.ts';
import { signalAll } from '../cgroup/signal-all.ts';
import type { Program, StartedProgram } from './program.ts';
import { DEFAULT_GRACE, type Ending, Supervisor } from './supervise.ts';
import { judgeExit } from './task-exit.ts';
import type { TaskPlace } from './task-places.ts';

export interface ProgramRun {
  readonly launch: TaskLaunch;
  readonly program: Program;
  readonly place: TaskPlace;
  readonly clock: Clock;
  /** Milliseconds between SIGTERM and SIGKILL; DEFAULT_GRACE unless told. */
  readonly grace?: number;
  /** The task's own exit code; undefined where it never began. */
  exitCode(ending: Ending, started: StartedProgram): number | undefined;
  /** Why it never began. */
  complaint(ending: Ending): Promise<string>;
  /** Asks the task to end where it has no group. */
  terminate(started: StartedProgram): void;
}

/** A task's program from its start to its end. */
export async function runProgram(run: ProgramRun): Promise<RunningTask> {
  const { clock, grace = DEFAULT_GRACE, launch, place, program } = run;
  const { group } = place;
  const startedAt = clock.now();
  const started = await place.start(program).catch(async (error: unknown) => {
    await place.leave();
    throw error;
  });
  const { timeoutSeconds } = launch.resources;
  const supervisor = new Supervisor({
    ...{ ended: started.ending, clock, grace },
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    terminate: () => (group ? terminate(group, place) : run.terminate(started)),
    kill: () => place.kill(),
  });
  const judged = async () => {
    const ending = await supervisor.ending;
    const finishedAt = clock.now();
    const usage = group?.usage();
    await place.leave();
    const exitCode = run.exitCode(ending, started);
    return judgeExit({
      ending,
      usage,
      startedAt,
      finishedAt,
      exitCode,
      complaint: () => run.complaint(ending),
    });
  };
  const exit = judged();
  const cancel: RunningTask['cancel'] = async (how) => {
    await supervisor.cancel(how);
    await exit;
  };
  return { exit, cancel };
}

/** Those that watch over the task must live on to tell how it ended. */
function terminate(group: ControlGroup, place: TaskPlace): void {
  const watchers = new Set(place.watchers());
  signalAll(
    group.processes().filter((id) => !watchers.has(id)),
    'SIGTERM',
  );
}
