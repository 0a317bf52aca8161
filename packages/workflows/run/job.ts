import { setMaxListeners } from 'node:events';
import type { Objects, Vault } from '@helicase/blobs';
import { type Clock, type Ids, limitIn, type Log, type Roles, ServiceError } from '@helicase/kernel';
import type { JobRun, JobWorker, Transaction } from '@helicase/records';
import { type EngineHost, type EngineRun, heldBytes, PathGuard, type TaskRunner } from '@helicase/runtime';
import type { WorkflowLimits } from '../limits.ts';
import type { OmicsFiles, RunLogs } from '../ports.ts';
import { mappedImage } from '../definition/registry-map.ts';
import { given } from '../given.ts';
import type { Subnets } from '../network/subnets.ts';
import type { RunCacheTable } from '../run-cache/model.ts';
import { RunTaskCache } from '../run-cache/run-task-cache.ts';
import { CommitGroup } from '../task/commit-group.ts';
import type { RunGroupTable } from '../run-group/model.ts';
import { durationSignal } from '../scheduling/run-duration.ts';
import { runLimits } from '../scheduling/run-limits.ts';
import type { RunPlaces, TaskQueue } from '../scheduling/task-queue.ts';
import { TaskLedger } from '../task/task-ledger.ts';
import { TaskService } from '../task/task-service.ts';
import type { Workflow } from '../workflow/model.ts';
import { type Ending, endRun, type EndRunOptions } from './end-run.ts';
import { usableScope } from '../workflow/owner.ts';
import { findDefinition } from './find-definition.ts';
import { foreignUris, inputUris } from './input-uris.ts';
import { runManifest, taskManifest } from './manifest.ts';
import { isFinished, type Run, type RunDoc, type RunStatus } from './model.ts';
import { imageProblems } from './image-parameters.ts';
import { publishOutputs, requireOutputOwner } from './outputs.ts';
import { removeTree } from './remove-tree.ts';
import { type FailureReason, RunFailure, TransientFailure } from './run-failure.ts';
import { RunInputs } from './run-inputs.ts';
import { RunLog } from './run-log.ts';
import { profilesOf } from './engine-settings.ts';
import { type RunPaths, runPaths } from './run-paths.ts';
import { runEngine } from './run-engine.ts';
import { RUN_JOB } from './start-run.ts';
import { storageBytes, storageGiB } from './storage-capacity.ts';
import { unpackDefinition } from './unpack-definition.ts';

export interface RunJobOptions extends EndRunOptions {
  readonly runCaches: RunCacheTable;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly omicsFiles: OmicsFiles;
  readonly roles: Roles;
  readonly logs: RunLogs;
  readonly runGroups: RunGroupTable;
  readonly subnets: Subnets;
  readonly taskQueue: TaskQueue;
  readonly taskRunner: TaskRunner;
  readonly engineHost: EngineHost;
  readonly ids: Ids;
  readonly log: Log;
  readonly directory: string;
  readonly limits: WorkflowLimits;
}

type RunJob = JobRun<object, undefined, Transaction>;

/** Milliseconds that task rows wait for each other's company: twice as long as the last commit took, within these. */
const COMMIT_PATIENCE = { least: 4, most: 25 };

export function runWorker(options: RunJobOptions): JobWorker<object, undefined, Transaction> {
  return {
    kind: RUN_JOB,
    concurrency: options.limits.activeRunsHere,
    limits: runLimits(options),
    run: (job) => new RunWalk(options, job).walk(),
    exhausted: async (tx, { scope, subject }, error) => {
      const run = await options.runs.hold(tx, scope, subject);
      if (!run || isFinished(run.status)) return;
      await endRun(options, tx, run, { status: 'FAILED', ...exhaustion(error) });
    },
  };
}

/** The guide's words for what did not pass in any attempt. */
function exhaustion(error: Error): { readonly reason: FailureReason; readonly message: string } {
  if (error instanceof TransientFailure) return { reason: error.reason, message: error.message };
  const message = `The workflow run didn't finish because of a service error: ${error.message}`;
  return { reason: 'SERVICE_ERROR', message };
}

function groupCommits(job: RunJob, clock: Clock): CommitGroup {
  const { least, most } = COMMIT_PATIENCE;
  let took = 0;
  const commit = async (work: (tx: Transaction) => Promise<void>) => {
    const begun = clock.now();
    await job.commit(work);
    took = clock.now() - begun;
  };
  return new CommitGroup(commit, () => clock.sleep(Math.min(most, Math.max(least, 2 * took))));
}

/** The walk of one run from wherever it stands to its end; an attempt after a crash walks the same way again. */
class RunWalk {
  readonly #options: RunJobOptions;
  readonly #job: RunJob;
  readonly #paths: RunPaths;
  readonly #commits: CommitGroup;
  readonly #guard: PathGuard;
  readonly #ledger: TaskLedger;
  readonly #inputs: RunInputs;
  #cache: RunTaskCache | undefined;

  constructor(options: RunJobOptions, job: RunJob) {
    const { clock, ids, log, records, tasks } = options;
    const { actor } = job;
    this.#options = options;
    this.#job = job;
    this.#paths = runPaths(options.directory, actor.scope, job.subject);
    this.#guard = new PathGuard([this.#paths.root]);
    this.#commits = groupCommits(job, clock);
    const { commits, scope, runId } = { commits: this.#commits, scope: actor.scope, runId: job.subject };
    this.#ledger = new TaskLedger({
      ...{ records, tasks, scope, runId, commits, clock, ids, log },
      directory: this.#paths.root,
    });
    const { objects, omicsFiles } = options;
    this.#inputs = new RunInputs({
      actor,
      objects,
      omicsFiles,
      guard: this.#guard,
      directory: this.#paths.inputs,
    });
    setMaxListeners(0, job.signal);
  }

  async walk(): Promise<void> {
    const run = await this.#find();
    if (!run) return this.#removeScratch();
    const log = this.#runLog(run);
    if (isFinished(run.status)) return this.#cleanUp(run, log);
    try {
      const ending = await this.#toItsEnd(run, log);
      if (ending) await this.#end(run, ending, log);
    } finally {
      await this.#inputs.release();
    }
  }

  /** Undefined where this attempt stops but the run goes on: the server stops, or the lease is lost. */
  async #toItsEnd(run: Run, log: RunLog): Promise<Ending | undefined> {
    try {
      if (run.status !== 'STOPPING') await this.#evaluate(run, log);
      else return { status: 'CANCELLED' };
      return { status: 'COMPLETED' };
    } catch (error) {
      await this.#commits.idle();
      this.#commits.throwIfBroken();
      if (this.#job.signal.aborted)
        return this.#job.signal.reason === 'cancelled' ? { status: 'CANCELLED' } : undefined;
      if (!(error instanceof RunFailure)) throw error;
      return { status: 'FAILED', reason: error.reason, message: error.message };
    }
  }

  async #evaluate(run: Run, log: RunLog): Promise<void> {
    const { runs, records } = this.#options;
    const { scope } = run;
    const workflow = await findDefinition(this.#options, records.direct, scope, run.doc);
    if (!workflow?.doc.definition)
      throw new RunFailure('SERVICE_ERROR', `Workflow ${run.doc.workflowId} is gone.`);
    if (run.status === 'PENDING') {
      await this.#checkShare(run);
      await this.#job.commit(async (tx) => {
        await this.#advance(tx, 'PENDING', 'STARTING');
      });
    }
    await this.#assumeRole(run);
    await log.run(`Run ${run.id} is STARTING: workflow ${run.doc.workflowId}${this.#again()}`);
    const [resourceDigests] = await Promise.all([
      this.#checkInputs(run, workflow),
      this.#checkImages(run, workflow),
      requireOutputOwner({ actor: this.#job.actor, objects: this.#options.objects }, run.doc),
      unpackDefinition(this.#options, workflow.doc.definition, this.#paths),
      this.#ledger.load(),
    ]);
    const started = await this.#job.commit(async (tx) => {
      const startTime = run.doc.startTime ?? this.#options.clock.now();
      const doc = (before: RunDoc) => ({ ...before, startTime, resourceDigests });
      const now = await runs.hold(tx, scope, run.id);
      if (now?.status === 'STARTING') return runs.transition(tx, scope, run.id, 'RUNNING', { doc });
      return now;
    });
    if (started?.status !== 'RUNNING') throw new Error('the run was ended while it started');
    await log.run(`Run ${run.id} is RUNNING`);
    await log.engine(`[info] evaluating ${workflow.doc.main} (${workflow.doc.engine})`);
    await this.#runTimed(started, workflow, log);
  }

  /** To its end, or until its time is over. */
  async #runTimed(run: Run, workflow: Workflow, log: RunLog): Promise<void> {
    const { clock, limits, records, runGroups, taskQueue } = this.#options;
    const { doc, id, scope } = run;
    const { priority = 0, runGroupId, startTime = clock.now() } = doc;
    const group =
      runGroupId === undefined ? undefined : await runGroups.find(records.direct, scope, runGroupId);
    const places = taskQueue.open({ scope, id, priority, ...(group && { group }) });
    const over = new AbortController();
    const allowed = {
      runHours: limitIn(limits.runHours, scope),
      ...given({ maxDuration: group?.doc.maxDuration }),
    };
    const late = durationSignal(clock, startTime, allowed, over.signal);
    try {
      await this.#runEngine(run, workflow, log, places, AbortSignal.any([this.#job.signal, late]));
    } finally {
      over.abort();
      places.close();
    }
  }

  /** The role was there at StartRun; by now it may be gone. */
  async #assumeRole({ doc: { roleArn }, scope }: Run): Promise<void> {
    try {
      await this.#options.roles.assume(scope, roleArn);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status >= 500) throw error;
      throw new RunFailure('ASSUME_ROLE_FAILED', `The role ${roleArn} cannot be assumed: ${error.message}`);
    }
  }

  /** What was shared at StartRun may have been revoked since; a run that has begun goes on. */
  async #checkShare({ doc: { workflowId: id, workflowOwnerId }, scope }: Run): Promise<void> {
    try {
      await usableScope(this.#options, scope, id, workflowOwnerId);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const message = `Workflow ${id} of account ${workflowOwnerId} is no longer shared with this account.`;
      throw new RunFailure('WORKFLOW_RUN_FAILED', message);
    }
  }

  #again(): string {
    return this.#job.attempt > 1 ? `, attempt ${this.#job.attempt}` : '';
  }

  /** A run that was cancelled in the meantime goes no further. */
  async #advance(tx: Transaction, from: RunStatus, to: RunStatus): Promise<void> {
    const { scope } = this.#job.actor;
    const now = await this.#options.runs.hold(tx, scope, this.#job.subject);
    if (now?.status === from) await this.#options.runs.transition(tx, scope, this.#job.subject, to);
  }

  async #checkInputs(
    run: Run,
    { doc: { inputs = [] } }: Workflow,
  ): Promise<Readonly<Record<string, string>>> {
    const [foreign] = foreignUris(run.doc.parameters, inputs);
    if (foreign) {
      const message = `Parameter "${foreign.parameter}": the URI structure isn't valid: ${foreign.uri}. Give an s3:// or omics:// URI.`;
      throw new RunFailure('INVALID_URI_INPUT', message);
    }
    return this.#inputs.check(inputUris(run.doc.parameters, inputs), {
      ...given({ before: run.doc.resourceDigests, storageGiB: storageGiB(run.doc) }),
    });
  }

  /** "This makes it possible to check the permissions for access to the container": before the first task. */
  async #checkImages({ doc: { parameters } }: Run, { doc }: Workflow): Promise<void> {
    const problems = await imageProblems(this.#options.taskRunner, this.#job.actor, parameters, doc);
    if (problems.length > 0) throw new RunFailure('ECR_PERMISSION_ERROR', problems.join(' '));
  }

  async #runEngine(
    run: Run,
    workflow: Workflow,
    log: RunLog,
    places: RunPlaces,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log: serverLog, objects, taskRunner } = this.#options;
    const { actor } = this.#job;
    this.#cache = await this.#openCache(run, log);
    const tasks = new TaskService({
      runner: taskRunner,
      ledger: this.#ledger,
      inputs: this.#inputs,
      runLog: log,
      places,
      paths: this.#paths,
      clock,
      actor,
      log: serverLog,
      mapImage: (image) => mappedImage(workflow.doc.containerRegistryMap, actor.scope, image),
      ...given({ cache: this.#cache, storageBytes: storageBytes(run.doc) }),
      ...given({ networkNamespace: this.#networkNamespace(run) }),
    });
    const engineRun: EngineRun & { readonly signal: AbortSignal } = {
      language: workflow.doc.engine!,
      definition: this.#paths.definition,
      main: workflow.doc.main!,
      parameters: this.#parametersOf(run, workflow),
      profiles: profilesOf(run.doc.engineSettings),
      runDirectory: this.#paths.engine,
      readable: [this.#paths.root],
      signal,
      tasks: {
        run: (request, taskSignal) => tasks.perform(request, taskSignal ?? signal),
        stat: (uri) => this.#inputs.stat(uri),
        localize: (uri) => this.#inputs.localize(uri),
        log: (level, message) => void log.engine(`[${level}] ${message}`),
      },
    };
    const { files, outputs } = await runEngine(this.#options.engineHost, engineRun, log, (call) =>
      this.#ledger.failureReason(call),
    );
    const { runOutputUri } = run.doc;
    await log.engine(`[info] the workflow is complete: ${files.length} output files go to ${runOutputUri}`);
    const { root: runDirectory } = this.#paths;
    await publishOutputs(
      { actor, objects, runDirectory, guard: this.#guard, runOutputUri, signal },
      outputs,
      files,
    );
  }

  #networkNamespace({ doc: { subnetId }, scope }: Run): string | undefined {
    if (subnetId === undefined) return undefined;
    const subnet = this.#options.subnets[subnetId];
    if (subnet?.account === scope.account) return subnet.networkNamespace;
    throw new RunFailure(
      'WORKFLOW_RUN_FAILED',
      `The server does not offer ${subnetId} to this account any more.`,
    );
  }

  async #openCache({ doc, id }: Run, log: RunLog): Promise<RunTaskCache | undefined> {
    const { clock, objects, records, runCaches } = this.#options;
    const { actor } = this.#job;
    const row = doc.cache && (await runCaches.find(records.direct, actor.scope, doc.cache.id));
    if (!doc.cache || !row) return undefined;
    return new RunTaskCache({
      ...{ records, objects, clock, actor, runId: id },
      ...{ cacheId: row.id, behavior: doc.cache.behavior, s3Uri: row.doc.s3Uri },
      commit: (work) => this.#commits.add(work),
      say: (line) => void log.engine(line),
    });
  }

  /** A template may name parameters that the workflow lacks: they are checked and kept, and go no further. */
  #parametersOf(run: Run, workflow: Workflow): Readonly<Record<string, unknown>> {
    const declared = new Set(workflow.doc.inputs?.map(({ name }) => name));
    return Object.fromEntries(Object.entries(run.doc.parameters).filter(([name]) => declared.has(name)));
  }

  async #end(run: Run, ending: Ending, log: RunLog): Promise<void> {
    await this.#commits.idle();
    const { status } = ending;
    if (status !== 'CANCELLED') await this.#cache?.finish(status === 'FAILED', () => this.#ledger.keepable());
    const dynamic = run.doc.storageType === 'DYNAMIC';
    const storageUsed = dynamic ? await heldBytes(this.#paths.root) : undefined;
    const ended = await this.#job.commit((tx) =>
      this.#commitEnd(tx, run, { ...ending, ...given({ storageUsed }) }),
    );
    if (!ended) return;
    if (ending.status === 'FAILED') await log.failed();
    await log.run(
      `Run ${run.id} is ${ended.status}${ending.reason ? `: ${ending.reason}: ${ending.message}` : ''}`,
    );
    await this.#cleanUp(ended, log);
  }

  /** After the end is durable; an attempt that finds the run ended does it once more, for the one before may have died. */
  async #cleanUp(run: Run, log: RunLog): Promise<void> {
    await this.#writeManifest(run, log);
    await this.#removeScratch();
  }

  /** Undefined where the run has ended already. */
  async #commitEnd(tx: Transaction, run: Run, ending: Ending): Promise<Run | undefined> {
    const { runs } = this.#options;
    const { id, scope } = run;
    const now = await runs.hold(tx, scope, id);
    if (!now || isFinished(now.status)) return undefined;
    // Whoever asked to cancel is answered so, even where the last task had just ended.
    const status = now.status === 'STOPPING' ? 'CANCELLED' : ending.status;
    if (status === 'CANCELLED' && now.status !== 'STOPPING' && now.status !== 'PENDING') {
      await runs.transition(tx, scope, id, 'STOPPING');
    }
    if (status === 'FAILED') return endRun(this.#options, tx, run, ending);
    const { storageUsed } = ending;
    return endRun(this.#options, tx, run, { status, message: now.statusMessage, ...given({ storageUsed }) });
  }

  async #writeManifest(run: Run, log: RunLog): Promise<void> {
    const { direct } = this.#options.records;
    const workflow = await findDefinition(this.#options, direct, run.scope, run.doc);
    const tasks: object[] = [];
    for await (const task of this.#ledger.rows()) tasks.push(taskManifest(task));
    await log.manifest(run.doc.uuid, [runManifest(run, workflow), ...tasks]);
    await log.flush();
  }

  async #removeScratch(): Promise<void> {
    await this.#options.taskRunner.discard(this.#paths.name);
    await removeTree(this.#paths.root, this.#options.log);
  }

  #find(): Promise<Run | undefined> {
    return this.#options.runs.find(this.#options.records.direct, this.#job.actor.scope, this.#job.subject);
  }

  #runLog(run: Run): RunLog {
    const { clock, logs } = this.#options;
    return new RunLog({ logs, actor: this.#job.actor, clock, runId: run.id, level: run.doc.logLevel });
  }
}
