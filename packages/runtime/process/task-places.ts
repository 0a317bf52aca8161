import { type Clock, type Log, runCommand } from '@helicase/kernel';
import type { ControlGroup, ControlGroups, GroupLimits } from '../cgroup/control-group.ts';
import { emptyAndRemove } from '../cgroup/empty.ts';
import { buildLauncher } from './launcher-build.ts';
import { type LaunchedProgram, Launcher, type Manner } from './launcher.ts';
import type { Program, StartedProgram } from './program.ts';
import { startByShell } from './shell-start.ts';

export interface TaskPlacesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Called at first use. Throws ControlGroupsUnavailable; answers 'unlimited' where the operator gave up limits. */
  readonly groups: () => ControlGroups | 'unlimited';
  /** Folder that keeps the compiled launcher. Absent: a shell starts every task. */
  readonly programs?: string;
  /** `cc` unless told. */
  readonly compiler?: string;
  /** Whether programs are to have mounts and a network of their launcher's own, where that can be had: of root alone. */
  readonly apart?: boolean;
}

/** Where one attempt's processes are: started, counted, ended. */
export interface TaskPlace {
  readonly group: ControlGroup | undefined;
  /** Whether programs start with the launcher's mounts and network instead of the host's. */
  readonly apart: boolean;
  start(program: Program): Promise<StartedProgram>;
  /** The host's ids of the processes that watch over the task, and are not to be asked to end. */
  watchers(): readonly (number | undefined)[];
  /** Ends all that was started, at once, and the processes that watch over it. */
  kill(): void;
  /** After the program's end and after `usage` was read: resolves when nothing of it is left. */
  leave(): Promise<void>;
}

/** A launcher with the group that it lives in; without one, its programs enter groups of their own, or none. */
interface Slot {
  readonly launcher: Launcher;
  readonly group?: ControlGroup;
}

/** How long the launcher has for what is left of a task before its group is emptied by force. */
const PATIENCE_MILLISECONDS = 1_000;

/** Control groups and processes for tasks, the dear parts of them used again. */
export class TaskPlaces {
  readonly #options: TaskPlacesOptions;
  readonly #idle: Slot[] = [];
  readonly #slots = new Set<string>();
  #groups: ControlGroups | 'unlimited' | undefined;
  #built: Promise<void> | undefined;
  #launcher: string | undefined;
  #manner: Manner = 'plain';
  #made = 0;
  #closed = false;

  constructor(options: TaskPlacesOptions) {
    this.#options = options;
  }

  /** Throws where control groups cannot be had; resolves when tasks start as fast as they ever will. */
  async prepare(): Promise<void> {
    this.controlGroups();
    await this.#build();
  }

  /** Nobody waits for the compiler: until it is done a shell starts the tasks. */
  take(attemptId: string, limits: GroupLimits): TaskPlace {
    void this.#build();
    const groups = this.controlGroups();
    if (this.#launcher === undefined) {
      return this.#alone(groups === 'unlimited' ? undefined : groups.create(attemptId, limits));
    }
    if (groups === 'unlimited') return this.#passing(this.#free(this.#launcher), undefined);
    if (groups.reusable) return this.#resident(this.#slot(this.#launcher, groups, limits));
    return this.#passing(this.#free(this.#launcher), groups.create(attemptId, limits));
  }

  controlGroups(): ControlGroups | 'unlimited' {
    return (this.#groups ??= this.#options.groups());
  }

  /** Groups of servers that are no more. */
  async cleanUp(isLive: (attemptId: string) => boolean): Promise<void> {
    const groups = this.controlGroups();
    if (groups === 'unlimited') return;
    const dead = groups.list().filter((name) => !isLive(name) && !this.#slots.has(name));
    await Promise.all(dead.map((name) => emptyAndRemove(groups.open(name), this.#options.clock)));
    if (dead.length > 0)
      this.#options.log.info({ attempts: dead }, 'removed control groups of dead attempts');
  }

  /** Ends idle launchers, now and when their tasks end, and removes their groups. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((slot) => this.#discard(slot)));
  }

  #build(): Promise<void> {
    const { compiler, log, programs } = this.#options;
    this.#built ??= (async () => {
      if (programs === undefined) return;
      const options = { cache: programs, log, ...(compiler === undefined ? {} : { compiler }) };
      const launcher = await buildLauncher(options);
      if (launcher !== undefined && this.#options.apart && (await canMoveApart(launcher)))
        this.#manner = 'apart';
      this.#launcher = launcher;
    })();
    return this.#built;
  }

  #slot(launcher: string, groups: ControlGroups, limits: GroupLimits): Required<Slot> {
    for (let slot = this.#idle.pop(); slot; slot = this.#idle.pop()) {
      const { group } = slot;
      if (group && slot.launcher.alive && group.reuse?.(limits)) return { ...slot, group };
      void this.#discard(slot);
    }
    const name = this.#name(groups);
    const group = groups.create(name, limits);
    return { group, launcher: new Launcher(launcher, this.#manner, group.residences ?? []) };
  }

  /** Never one that is there: something in it could not be killed. */
  #name(groups: ControlGroups): string {
    const there = new Set(groups.list());
    let name: string;
    do name = `slot-${++this.#made}`;
    while (there.has(name));
    this.#slots.add(name);
    return name;
  }

  #free(launcher: string): Slot {
    const alive = this.#idle.splice(0).filter((slot) => slot.launcher.alive);
    const free = alive.pop() ?? { launcher: new Launcher(launcher, this.#manner, []) };
    this.#idle.push(...alive);
    return free;
  }

  #resident(slot: Required<Slot>): TaskPlace {
    let started: LaunchedProgram | undefined;
    let isKilled = false;
    return {
      group: slot.group,
      apart: this.#manner === 'apart',
      start: async (program) => (started = slot.launcher.start(program, [])),
      watchers: () => [slot.launcher.id, started?.id()],
      kill: () => {
        isKilled = true; // its launcher may have told of the task's own end just before, and look alive
        slot.group.kill();
      },
      leave: async () => {
        if (!isKilled && (await this.#isEmpty(started))) this.#giveBack(slot);
        else await this.#discard(slot);
      },
    };
  }

  #passing(slot: Slot, group: ControlGroup | undefined): TaskPlace {
    let started: LaunchedProgram | undefined;
    return {
      group,
      apart: this.#manner === 'apart',
      start: async (program) => (started = slot.launcher.start(program, group?.entrances ?? [])),
      watchers: () => [started?.id()],
      kill: () => (group ?? started)?.kill(),
      leave: async () => {
        if (await this.#isEmpty(started)) this.#giveBack(slot);
        else await this.#discard(slot);
        if (group) await this.#remove(group);
      },
    };
  }

  #alone(group: ControlGroup | undefined): TaskPlace {
    let started: StartedProgram | undefined;
    return {
      group,
      apart: false,
      start: async (program) => (started = await startByShell(program, group?.entrances ?? [])),
      watchers: () => [started?.id()],
      kill: () => (group ?? started)?.kill(),
      leave: async () => {
        if (group) await this.#remove(group);
      },
    };
  }

  #giveBack(slot: Slot): void {
    if (this.#closed) void this.#discard(slot);
    else this.#idle.push(slot);
  }

  async #isEmpty(started: LaunchedProgram | undefined): Promise<boolean> {
    if (!started) return true;
    const soon = await Promise.race([started.empty, undefined]);
    if (soon !== undefined) return soon;
    const over = new AbortController();
    const late = this.#options.clock.sleep(PATIENCE_MILLISECONDS, over.signal).then(
      () => false,
      () => false,
    );
    const empty = await Promise.race([started.empty, late]);
    over.abort();
    return empty;
  }

  async #discard({ group, launcher }: Slot): Promise<void> {
    launcher.close();
    if (group) await this.#remove(group);
    else await launcher.exited;
  }

  /** A group that cannot be emptied is left to the next clean-up: the task's own result stands. */
  async #remove(group: ControlGroup): Promise<void> {
    try {
      await emptyAndRemove(group, this.#options.clock);
      this.#slots.delete(group.name);
    } catch (error) {
      this.#options.log.error({ group: group.name, error }, 'a control group could not be removed');
    }
  }
}

/** Without requests it makes both and ends. */
async function canMoveApart(launcher: string): Promise<boolean> {
  const { code } = await runCommand(launcher, ['apart'], { input: '', env: {}, cwd: '/' });
  return code === 0;
}
