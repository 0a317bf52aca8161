import type { ContainerRegistryMap, DefinitionRepository } from '@aws-sdk/client-omics';
import type { BlobRef } from '@helicase/blobs';
import { omicsArn, type Scope } from '@helicase/kernel';
import {
  amongIds,
  type Records,
  type Resource,
  type ResourceDefinition,
  type ResourceTable,
  type StateMachine,
  type ToldChange,
  type Transaction,
} from '@helicase/records';
import type { Language } from '@helicase/runtime';
import type { ParameterTemplate } from '../definition/parameter-template.ts';
import type { DefinitionInput, DefinitionProfile } from '../ports.ts';

export type WorkflowStatus = 'CREATING' | 'ACTIVE' | 'FAILED' | 'DELETED';

export const workflowMachine: StateMachine<WorkflowStatus> = {
  CREATING: {
    ACTIVE: 'the definition was read and type-checked',
    FAILED: 'the definition was refused',
    DELETED: 'its workflow was deleted',
  },
  ACTIVE: { DELETED: 'deleted by the user; kept for its unfinished runs' },
  FAILED: { DELETED: 'deleted by the user' },
  DELETED: {},
};

/** Everything of a workflow, or of a version of one, beyond its status. */
export interface WorkflowDoc {
  readonly name?: string;
  readonly description?: string;
  readonly uuid: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly storageType: 'STATIC' | 'DYNAMIC';
  /** GiB. */
  readonly storageCapacity?: number;
  readonly accelerators?: 'GPU';
  /** As CreateWorkflow gave them. */
  readonly requested: {
    readonly engine?: Language;
    readonly main?: string;
    readonly definitionUri?: string;
    readonly definitionRepository?: DefinitionRepository;
    readonly workflowBucketOwnerId?: string;
    readonly parameterTemplate?: ParameterTemplate;
    readonly parameterTemplatePath?: string;
    readonly readmePath?: string;
    readonly readmeUri?: string;
    readonly containerRegistryMapUri?: string;
  };
  /** Name of this version; absent in the workflow itself, which is its own default version. */
  readonly versionName?: string;
  /** Markdown. */
  readonly readme?: BlobRef;
  readonly containerRegistryMap?: ContainerRegistryMap;
  /** The zip; absent while a definitionUri or definitionRepository has not been read. */
  readonly definition?: BlobRef;
  /** Who served the repository that it was taken from. */
  readonly repositoryProvider?: { readonly providerType: string; readonly providerEndpoint: string };
  /** `sha256:` and hexadecimal of the zip. */
  readonly digest?: string;
  /** What registration found; absent before. */
  readonly engine?: Language;
  readonly main?: string;
  readonly inputs?: readonly DefinitionInput[];
  /** Nextflow's, of its configuration. */
  readonly profiles?: readonly DefinitionProfile[];
  readonly parameterTemplate?: ParameterTemplate;
}

export type Workflow = Resource<WorkflowDoc, WorkflowStatus>;
export type WorkflowColumn = 'name';
export type WorkflowTable = ResourceTable<WorkflowDoc, WorkflowStatus, WorkflowColumn, Transaction>;

const definition: ResourceDefinition<WorkflowDoc, WorkflowStatus, WorkflowColumn> = {
  kind: 'workflow',
  machine: workflowMachine,
  columns: { name: (doc) => doc.name ?? null },
  announced: {
    detailType: 'Workflow Status Change',
    arn: ({ scope, id }) => workflowArn(scope, id),
    detail: ({ id, doc }) => ({ id, uuid: doc.uuid }),
    status: workflowEvent,
  },
  tagged: {
    type: 'omics:workflow',
    arn: ({ scope, id }) => workflowArn(scope, id),
    among: amongIds(/^workflow\/([0-9]+)$/),
    gone: ['DELETED'],
  },
};

/** The guide's names for the ends of creation and deletion. A row that goes after its DELETED tells nothing new. */
function workflowEvent({ from, to }: ToldChange<WorkflowStatus>): string | undefined {
  if (to === 'ACTIVE') return 'CREATION_SUCCESS';
  if (to === 'FAILED') return 'CREATION_FAILURE';
  return to === 'CREATING' || from === 'DELETED' ? undefined : 'DELETION_SUCCESS';
}

export function workflowTable(records: Records): WorkflowTable {
  return records.resource(definition);
}

export function workflowArn(scope: Scope, id: string): string {
  return omicsArn(scope, `workflow/${id}`);
}
