import type { FaultList } from './fault-list.ts';
import type { OutputParameter, Requirements, WorkflowStep } from './model.ts';

/** The classes of the requirements and hints that are in force. */
export type Features = ReadonlySet<string>;

export function withFeatures(features: Features, ...own: readonly Requirements[]): Features {
  return new Set([...features, ...own.flatMap((one) => [...one.keys()])]);
}

/** Notes what a step does that the specification wants to be required in the workflow or around it. */
export function noteStepFeatures(step: WorkflowStep, around: Features, faults: FaultList): void {
  const features = withFeatures(around, step.requirements, step.hints);
  const need = (name: string, what: string, isUsed: boolean) => {
    if (isUsed && !features.has(name))
      faults.add(step.position, `Step ${step.name} ${what}, which needs ${name}.`);
  };
  const inputs = [...step.inputs, ...(step.loop?.inputs ?? [])];
  need('ScatterFeatureRequirement', 'is scattered', step.scatter.length > 0);
  need('SubworkflowFeatureRequirement', 'runs a workflow', step.run.class === 'Workflow');
  need(
    'MultipleInputFeatureRequirement',
    'has an input with several sources',
    inputs.some(({ sources }) => sources.length > 1),
  );
  need(
    'StepInputExpressionRequirement',
    'has an input with "valueFrom"',
    inputs.some(({ valueFrom }) => valueFrom !== undefined),
  );
}

export function noteOutputFeatures(
  outputs: readonly OutputParameter[],
  features: Features,
  faults: FaultList,
): void {
  const name = 'MultipleInputFeatureRequirement';
  for (const output of outputs) {
    if ((output.sink?.sources.length ?? 0) > 1 && !features.has(name))
      faults.add(output.position, `The output ${output.name} has several sources, which needs ${name}.`);
  }
}
