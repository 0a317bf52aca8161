import * as sdk from '@aws-sdk/client-omics';

/** One member as the SDK's schemas have it: its name, and the shape's number or a function that gives the shape. */
type Additions = Readonly<Record<string, unknown>>;
type Structure = readonly [number, string, string, unknown, readonly string[], readonly unknown[], number?];
type Operation = readonly [number, string, string, unknown, unknown, unknown];

const STRING = 0;
const DOCUMENT = 15;
const STRUCTURE = 3;
const LIST = 1;
const MAP = 2;
const LIST_OF_STRINGS = 64;

const ON_RUN = { sessionPolicy: STRING, scratchStorageMode: STRING, engineSettings: DOCUMENT };
const TEMPLATE = [
  MAP,
  'com.amazonaws.omics',
  'WorkflowParameterTemplate',
  0,
  STRING,
  () => sdk.WorkflowParameter$,
];
const ON_WORKFLOW = {
  profiles: LIST_OF_STRINGS,
  profileParameterTemplates: [
    MAP,
    'com.amazonaws.omics',
    'WorkflowProfileParameterTemplates',
    0,
    STRING,
    TEMPLATE,
  ],
};
/** Structures with members that AWS added after the SDK's model (botocore 1.43.107 has them). */
const NEWER: Readonly<Record<string, Additions>> = {
  StartRunRequest: ON_RUN,
  DefaultRunSetting: ON_RUN,
  InlineSetting: { engineSettings: DOCUMENT },
  GetRunResponse: ON_RUN,
  GetWorkflowResponse: ON_WORKFLOW,
  GetWorkflowVersionResponse: ON_WORKFLOW,
  RunListItem: { workflowName: STRING },
  GetRunTaskResponse: { uuid: STRING },
  TaskListItem: { uuid: STRING },
};
const OPERATIONS = [
  'StartRun',
  'StartRunBatch',
  'GetRun',
  'ListRuns',
  'GetRunTask',
  'ListRunTasks',
  'GetWorkflow',
  'GetWorkflowVersion',
] as const;

/**
 * The SDK's schemas of HealthOmics, and in them what newer clients send and read: a session policy that was left unread
 * would leave a run more than it was given.
 */
export function omicsSchemas(): Readonly<Record<string, unknown>> {
  const newer = OPERATIONS.map((name) => {
    const [kind, space, operation, traits, input, output] = sdk[`${name}$`] as unknown as Operation;
    return [`${name}$`, [kind, space, operation, traits, renewed(input), renewed(output)]] as const;
  });
  return { ...sdk, ...Object.fromEntries(newer) };
}

/** The schema, with the newer members in it and in what it contains. */
function renewed(schema: unknown): unknown {
  if (typeof schema === 'function') {
    const give = schema as () => unknown;
    return () => renewed(give());
  }
  if (!Array.isArray(schema)) return schema;
  // A shape with traits of the place where it stands.
  if (typeof schema[1] !== 'string') return [renewed(schema[0]), ...(schema as unknown[]).slice(1)];
  if (schema[0] === LIST) return [...(schema as unknown[]).slice(0, 4), renewed(schema[4])];
  if (schema[0] !== STRUCTURE) return schema;
  const [kind, space, name, traits, names, shapes, required] = schema as unknown as Structure;
  const added = Object.entries(NEWER[name] ?? {}).filter(([member]) => !names.includes(member));
  return [
    ...[kind, space, name, traits],
    [...names, ...added.map(([member]) => member)],
    [...shapes.map(renewed), ...added.map(([, shape]) => shape)],
    ...(required === undefined ? [] : [required]),
  ];
}
