import type { TaskOutcome } from '@helicase/runtime';
import type { TaskDoc } from './model.ts';

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

/** Where a task's time went, in seconds, from when the engine asked for it; what is not known is missing. */
export function taskPhases(
  { phases, startedAt }: Pick<TaskOutcome, 'phases' | 'startedAt'>,
  askedAt: number,
): Readonly<Record<'queue' | 'stageIn' | 'run' | 'stageOut', number>> | undefined {
  if (!phases) return undefined;
  const { run, stageIn, stageOut } = phases;
  const queue = Math.max(0, startedAt - askedAt - stageIn);
  return { queue: queue / 1000, stageIn: stageIn / 1000, run: run / 1000, stageOut: stageOut / 1000 };
}

/** For the engine's log: ` (queued 0.1 s, staged in 0.0 s, ran 61.2 s, staged out 0.0 s; 58.4 s of processors, ...)`. */
export function usageWords(outcome: TaskOutcome, askedAt: number): string {
  const phases = taskPhases(outcome, askedAt);
  const { cpuSeconds, peakMemoryBytes, readBytes, writtenBytes } = outcome;
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const mebibytes = (value: number) => `${(value / MEBIBYTE).toFixed(0)} MiB`;
  const times = phases && [
    ...[`queued ${seconds(phases.queue)}`, `staged in ${seconds(phases.stageIn)}`],
    ...[`ran ${seconds(phases.run)}`, `staged out ${seconds(phases.stageOut)}`],
  ];
  const measured = [
    cpuSeconds === undefined ? [] : `${seconds(cpuSeconds)} of processors`,
    peakMemoryBytes === undefined ? [] : `${mebibytes(peakMemoryBytes)} of memory`,
    readBytes === undefined ? [] : `${mebibytes(readBytes)} read`,
    writtenBytes === undefined ? [] : `${mebibytes(writtenBytes)} written`,
  ].flat();
  const parts = [times ?? [], measured].filter((part) => part.length > 0).map((part) => part.join(', '));
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** For the manifest, with the names that the run analyzer knows, and our own for what it does not. */
export function usageMetrics({
  askedAt,
  cpus,
  gpus,
  memoryGiB,
  outcome,
  startTime,
  stopTime,
}: TaskDoc): object {
  const runningSeconds =
    startTime === undefined || stopTime === undefined ? undefined : (stopTime - startTime) / 1000;
  const { cpuSeconds, peakDiskBytes, peakMemoryBytes, readBytes, writtenBytes } = outcome ?? {};
  const gibibytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / GIBIBYTE);
  const phases = outcome && askedAt !== undefined ? taskPhases(outcome, askedAt) : undefined;
  return {
    runningSeconds,
    ...{ cpusReserved: cpus, gpusReserved: gpus, memoryReservedGiB: memoryGiB },
    cpusAverage: cpuSeconds !== undefined && runningSeconds ? cpuSeconds / runningSeconds : undefined,
    memoryMaximumGiB: gibibytes(peakMemoryBytes),
    diskMaximumGiB: gibibytes(peakDiskBytes),
    ...{ readGiB: gibibytes(readBytes), writtenGiB: gibibytes(writtenBytes) },
    ...{ queueSeconds: phases?.queue, stageInSeconds: phases?.stageIn, stageOutSeconds: phases?.stageOut },
  };
}
