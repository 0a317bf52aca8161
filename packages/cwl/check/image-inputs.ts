import type { Process } from '../load/model.ts';
import { textOf } from '../value.ts';

/**
 * The inputs that name the images of tools, as the guide recommends: `dockerPull: $(inputs.docker_image)`, and what
 * leads to it through the steps. A name that is put together otherwise is known at the task alone.
 */
export function imageInputs(process: Process): ReadonlySet<string> {
  if (process.class !== 'Workflow') return new Set(ownImage(process));
  const found = process.steps.flatMap((step) => {
    const images = imageInputs(step.run);
    return step.inputs
      .filter(({ name, valueFrom }) => images.has(name) && valueFrom === undefined)
      .flatMap(({ sources }) => sources.filter((source) => !source.includes('/')));
  });
  return new Set(found);
}

function ownImage({ hints, requirements }: Process): string[] {
  const docker = requirements.get('DockerRequirement') ?? hints.get('DockerRequirement');
  const reference = /^\s*\$\(inputs\.(\w+)\)\s*$/.exec(textOf(docker?.['dockerPull']) ?? '');
  return reference ? [reference[1]!] : [];
}
