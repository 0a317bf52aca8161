import type {
  DefinitionRepositoryDetails,
  GetWorkflowResponse,
  GetWorkflowVersionResponse,
} from '@aws-sdk/client-omics';
import type { Resource } from '@helicase/records';
import { type ParameterTemplate, withOptional } from '../definition/parameter-template.ts';
import type { DefinitionProfile } from '../ports.ts';
import type { WorkflowDoc, WorkflowStatus } from './model.ts';

/** Members that AWS added after the SDK's model; `server/newer-omics.ts` has them in the schemas. */
interface NewerWorkflowMembers {
  readonly profiles?: readonly string[];
  readonly profileParameterTemplates?: Readonly<Record<string, ParameterTemplate>>;
}

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
}: Resource<WorkflowDoc, WorkflowStatus>): Omit<Described, 'arn'> & NewerWorkflowMembers {
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
    ...(requested.definitionRepository && { definitionRepositoryDetails: repositoryDetails(doc) }),
    ...(doc.profiles && describeProfiles(doc.profiles, doc.parameterTemplate ?? {})),
  };
}

function repositoryDetails({ repositoryProvider, requested }: WorkflowDoc): DefinitionRepositoryDetails {
  const { excludeFilePatterns: _, ...repository } = requested.definitionRepository!;
  return { ...repository, ...repositoryProvider };
}

/** "Each profile defines its own set of parameters": the template, in which what the profile sets may be left out. */
function describeProfiles(
  profiles: readonly DefinitionProfile[],
  template: ParameterTemplate,
): NewerWorkflowMembers {
  const templates = profiles.map(({ name, sets }) => [name, withOptional(template, sets)] as const);
  return {
    profiles: profiles.map(({ name }) => name),
    profileParameterTemplates: Object.fromEntries(templates),
  };
}
