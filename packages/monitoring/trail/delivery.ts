import { rootPrincipal, type Scope, ServiceError } from '@helicase/kernel';
import type { JobRun, JobWorker, Transaction } from '@helicase/records';
import { digestEnd, digestOf } from './digest.ts';
import { type FilePlan, logFile, planFile } from './log-file.ts';
import { digestSigner } from './signing-key.ts';
import type { RegionDelivery, Trail, TrailDoc } from './trail.ts';
import type { TrailRoom } from './trail-room.ts';

export const TRAIL_DELIVERY = 'trail-delivery';

/** What was decided and may be half done: a repetition does the same again. */
type Plan =
  | { readonly kind: 'file'; readonly file: FilePlan }
  | { readonly kind: 'digest'; readonly region: string; readonly end: number };
type Run = JobRun<object, Plan, Transaction>;

/** Brings a trail's bucket up to date: log files, then the digest where one is due. */
export function trailWorker(room: TrailRoom): JobWorker<object, Plan, Transaction> {
  return {
    kind: TRAIL_DELIVERY,
    concurrency: 4,
    run: (run) => deliver(room, run),
    async exhausted() {
      // The next delivery begins where this one stood.
    },
  };
}

/** One delivery of a trail; of the same at a time there is one. */
export function deliveryJob(scope: Scope, name: string, notBefore?: number) {
  const actor = { scope, principal: rootPrincipal(scope.account) };
  const when = notBefore === undefined ? {} : { notBefore };
  return { actor, kind: TRAIL_DELIVERY, subject: name, input: {}, ...when };
}

async function deliver(room: TrailRoom, run: Run): Promise<void> {
  try {
    for (let plan = run.state ?? (await next(room, run)); plan; plan = await next(room, run)) {
      run.signal.throwIfAborted();
      await run.checkpoint(plan);
      if (plan.kind === 'file') await deliverFile(room, run, plan.file);
      else await deliverDigest(room, run, plan.region, plan.end);
    }
    await finish(room, run);
  } catch (error) {
    // A bucket that is gone or refuses: the trail's status says so, and the next delivery tries again.
    if (!(error instanceof ServiceError)) throw error;
    await run.commit((tx) => change(room, tx, run, (doc) => ({ ...doc, fault: error.message })));
  }
}

/** What is to be done next: the files of every region, then their digests. */
async function next(room: TrailRoom, run: Run): Promise<Plan | undefined> {
  const trail = await trailOf(room, run);
  if (!trail || trail.status === 'STOPPED') return undefined;
  for (const [region, { isComplete }] of Object.entries(trail.doc.delivery)) {
    if (isComplete) continue;
    const file = await planFile(room, trail, region);
    if (file) return { kind: 'file', file };
  }
  if (!trail.doc.isValidated) return undefined;
  for (const [region, delivery] of Object.entries(trail.doc.delivery)) {
    const end = digestEnd(delivery, room.clock.now(), trail.status !== 'LOGGING');
    const isEmptyLast = trail.status !== 'LOGGING' && delivery.files.length === 0;
    if (end !== undefined && !isEmptyLast) return { kind: 'digest', region, end };
  }
  return undefined;
}

async function deliverFile(room: TrailRoom, run: Run, plan: FilePlan): Promise<void> {
  const trail = await trailOf(room, run);
  if (!trail) return;
  const { bucket } = trail.doc;
  const file = await logFile(room, trail, plan);
  if (file) await put(room, run, bucket, plan.key, file.gzipped);
  await run.commit((tx) =>
    change(room, tx, run, (doc) =>
      withDelivery({ ...doc, deliveredAt: room.clock.now() }, plan.region, (before) => {
        const { hash, newest, oldest } = file ?? {};
        const isComplete = trail.status !== 'LOGGING' && plan.isComplete;
        const told = { ...before, told: plan.to, ...(isComplete ? { isComplete } : {}) };
        if (hash === undefined) return told;
        const delivered = { bucket, key: plan.key, hash, oldest: oldest!, newest: newest! };
        return { ...told, files: [...before.files, delivered] };
      }),
    ),
  );
}

async function deliverDigest(room: TrailRoom, run: Run, region: string, end: number): Promise<void> {
  const trail = await trailOf(room, run);
  const delivery = trail?.doc.delivery[region];
  if (!trail || !delivery || delivery.digestedTo >= end) return;
  const signer = await digestSigner(room, { account: trail.scope.account, region }, end);
  const { bucket, gzipped, hash, key, metadata, signature } = await digestOf(
    trail,
    region,
    delivery,
    end,
    signer,
  );
  await put(room, run, bucket, key, gzipped, metadata);
  await run.commit((tx) =>
    change(room, tx, run, (doc) =>
      withDelivery({ ...doc, digestedAt: room.clock.now() }, region, (before) => ({
        ...before,
        files: before.files.slice(delivery.files.length),
        digestedTo: end,
        lastDigest: { bucket, key, hash, signature },
      })),
    ),
  );
}

/** After a last delivery the trail is stopped, or gone. */
async function finish(room: TrailRoom, run: Run): Promise<void> {
  await run.commit(async (tx) => {
    const { scope } = run.actor;
    const trail = await room.trails.hold(tx, scope, run.subject);
    if (trail?.status === 'STOPPING') await room.trails.transition(tx, scope, run.subject, 'STOPPED');
    if (trail?.status === 'DELETING') await room.trails.remove(tx, scope, run.subject);
  });
}

function put(
  { objects }: TrailRoom,
  { actor }: Run,
  bucket: string,
  key: string,
  gzipped: Buffer,
  metadata?: Readonly<Record<string, string>>,
) {
  return objects.put(actor, `s3://${bucket}/${key}`, gzipped, 'application/json', metadata);
}

function trailOf({ records, trails }: TrailRoom, { actor, subject }: Run): Promise<Trail | undefined> {
  return trails.find(records.direct, actor.scope, subject);
}

async function change(
  { trails }: TrailRoom,
  tx: Transaction,
  { actor, subject }: Run,
  to: (doc: TrailDoc) => TrailDoc,
): Promise<void> {
  if (!(await trails.hold(tx, actor.scope, subject))) return;
  await trails.update(tx, actor.scope, subject, to);
}

function withDelivery(
  { fault: _, ...doc }: TrailDoc,
  region: string,
  to: (before: RegionDelivery) => RegionDelivery,
): TrailDoc {
  const before = doc.delivery[region];
  return before ? { ...doc, delivery: { ...doc.delivery, [region]: to(before) } } : doc;
}
