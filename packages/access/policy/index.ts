export { compilePolicy, joinPolicies, type Policy } from './compile.ts';
export { contextOf, inEachContext, type ContextValues } from './context.ts';
export { type Access, decide, type Decision, type Policies, type PolicyType } from './decide.ts';
export { decisionSentence, denialSentence } from './denial.ts';
export { PolicyFault } from './fault.ts';
export { parsePolicy, type PolicyKind } from './parse.ts';
export { canonicalPrefix } from './service-prefix.ts';
export type { Requester } from './requester.ts';
