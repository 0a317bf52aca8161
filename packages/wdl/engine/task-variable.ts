import type { TaskOutcome } from '@helicase/runtime';
import type { Meta, MetaValue } from '../syntax/document-node.ts';
import { fromJson } from '../evaluate/json.ts';
import { array, float, int, map, NOTHING, object, string, type Value } from '../evaluate/value.ts';
import type { TaskCall } from './task-run.ts';
import type { TaskRuntime } from './runtime-section.ts';

/** What `task` is in a command and, with the outcome, in outputs (specification 1.2, "Task Runtime Information"). */
export function taskVariable(
  { task, call, runtime }: TaskCall & { readonly runtime: TaskRuntime },
  attempt: number,
  outcome?: TaskOutcome,
): Value {
  const { accelerators, cpus, memoryBytes } = runtime.resources;
  return object(
    Object.entries<Value>({
      name: string(task.name),
      id: string(call.path),
      container: runtime.image === undefined ? NOTHING : string(runtime.image),
      cpu: float(cpus),
      memory: int(memoryBytes),
      gpu: array(Array.from({ length: accelerators?.count ?? 0 }, (_, index) => string(String(index)))),
      fpga: array([]),
      disks: map([...runtime.disks].map(([place, bytes]) => [string(place), int(bytes)])),
      attempt: int(attempt - 1),
      end_time: NOTHING,
      return_code: outcome?.exitCode === undefined ? NOTHING : int(outcome.exitCode),
      meta: metaValue(task.meta),
      parameter_meta: metaValue(task.parameterMeta),
      ext: object([]),
    }),
  );
}

const metaValue = (meta: Meta | MetaValue): Value => fromJson(meta);
