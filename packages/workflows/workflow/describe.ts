import type { GetWorkflowResponse, GetWorkflowVersionResponse } from '@aws-sdk/client-omics';
import type { Resource } from '@helicase/records';
import type { WorkflowDoc, WorkflowStatus } from './model.ts';

type Described = Pick<
  GetWorkflowResponse & GetWorkflowVersionResponse,
  keyof GetWorkflowResponse & keyof GetWorkflowVersionResponse
>;

/** What GetWorkflow and GetWorkflowVersion say alike. */
export function describeDefinition({
  createdAt,
  doc,
  status,
  statusMessage,
}: Resource<WorkflowDoc, WorkflowStatus>): Omit<Described, 'arn'> {
  const { requested } = doc;
  return {
    status,
    type: 'PRIVATE',
    digest: doc.digest,
    creationTime: new Date(createdAt),
    metadata: {},
    description: doc.description,
    engine: doc.engine ?? requested.engine,
    main: doc.main ?? requested.main,
    parameterTemplate: doc.parameterTemplate ?? requested.parameterTemplate,
    storageCapacity: doc.storageCapacity,
    storageType: doc.storageType,
    statusMessage,
    accelerators: doc.accelerators,
    tags: { ...doc.tags },
    uuid: doc.uuid,
    containerRegistryMap: doc.containerRegistryMap,
    readmePath: requested.readmePath,
  };
}
