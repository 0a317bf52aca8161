import type { Actor } from '@helicase/kernel';
import type { TaskRunner } from '@helicase/runtime';
import { mappedImage } from '../definition/registry-map.ts';
import type { WorkflowDoc } from '../workflow/model.ts';

/** `123456789012.dkr.ecr.us-west-2.amazonaws.com/default:latest`: nothing else is written so. */
const ECR_IMAGE = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/.+$/;

/**
 * "Define your Amazon ECR container image URIs as parameters in your workflow so that access can be verified before the
 * run begins": what is wrong with them, one sentence each.
 */
export async function imageProblems(
  runner: Pick<TaskRunner, 'imageProblem'>,
  actor: Actor,
  parameters: Readonly<Record<string, unknown>>,
  { containerRegistryMap, inputs = [] }: Pick<WorkflowDoc, 'containerRegistryMap' | 'inputs'>,
): Promise<readonly string[]> {
  const images = new Set(inputs.filter(({ isImage }) => isImage).map(({ name }) => name));
  const named = Object.entries(parameters).flatMap(([name, value]) =>
    typeof value === 'string' && (images.has(name) || ECR_IMAGE.test(value)) ? [{ name, image: value }] : [],
  );
  const problems = await Promise.all(
    named.map(async ({ image, name }) => {
      const problem = await runner.imageProblem(actor, mappedImage(containerRegistryMap, actor.scope, image));
      return problem === undefined ? [] : [`Parameter "${name}": ${problem}`];
    }),
  );
  return problems.flat();
}
