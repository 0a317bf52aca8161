import { type Context, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { RunTimes, TaskTimes } from '@helicase/workflows';

/** A finished run as one trace: the run, in it the tasks that were started, each from its start to its end. */
export function tellRun(tracer: Tracer, context: Context, run: RunTimes): void {
  const attributes = {
    ...{ 'helicase.run.id': run.id, 'helicase.run.uuid': run.uuid, 'helicase.run.status': run.status },
    'helicase.workflow.id': run.workflowId,
    ...(run.name === undefined ? {} : { 'helicase.run.name': run.name }),
    ...(run.workflowName === undefined ? {} : { 'helicase.workflow.name': run.workflowName }),
  };
  const name = `run ${run.name ?? run.workflowName ?? run.id}`;
  const span = tracer.startSpan(name, { startTime: run.createdAt, attributes }, context);
  if (run.startedAt !== undefined) span.addEvent('started', run.startedAt);
  const inside = trace.setSpan(context, span);
  for (const task of run.tasks) tellTask(tracer, inside, task);
  end(span, run);
}

/** A task whose result came from the cache has no length of its own. */
function tellTask(tracer: Tracer, inside: Context, task: TaskTimes): void {
  const { cached, cpus, gpus, id, instanceType, memoryGiB, name, status } = task;
  const attributes = {
    ...{ 'helicase.task.id': id, 'helicase.task.status': status, 'helicase.task.cached': cached },
    ...{ 'helicase.task.cpus': cpus, 'helicase.task.memory_gib': memoryGiB, 'helicase.task.gpus': gpus },
    'helicase.task.instance_type': instanceType,
  };
  const startTime = task.startedAt ?? task.createdAt;
  end(tracer.startSpan(`task ${name}`, { startTime, attributes }, inside), task);
}

function end(span: Span, { createdAt, message, startedAt, status, stoppedAt }: RunTimes | TaskTimes): void {
  if (status === 'FAILED')
    span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
  span.end(stoppedAt ?? startedAt ?? createdAt);
}
