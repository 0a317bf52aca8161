import type { Actor } from '@helicase/kernel';
import type { Materialized } from '@helicase/blobs';
import type { Connection } from './repository/connection.ts';

/** What is known of a file at an `omics://` URI. */
export interface OmicsFileFacts {
  /** The name that tools expect: `sample.bam`. */
  readonly name: string;
  readonly size: number;
  /** The entity tag of the file, for the run's resource digests. */
  readonly etag?: string;
}

/** Files of reference and sequence stores by `omics://` URI, in an actor's name. Errors are ServiceErrors: a ConflictException where it is there but archived or not yet ACTIVE. */
export interface OmicsFiles {
  head(actor: Actor, uri: string): Promise<OmicsFileFacts>;
  /** Plain bytes at a local path; its file name is the one that tools expect. */
  materialize(actor: Actor, uri: string): Promise<Materialized>;
}

/** Connections to Git servers, in an actor's name. */
export interface CodeConnections {
  /** Undefined where there is none of this ARN; a ServiceError where the actor may not use it. */
  use(actor: Actor, connectionArn: string): Promise<Connection | undefined>;
}

/** Where runs write their lines: CloudWatch Logs' groups and streams. */
export interface RunLogs {
  append(
    actor: Actor,
    group: string,
    stream: string,
    events: readonly { readonly timestamp: number; readonly message: string }[],
  ): Promise<void>;
  /** Everything appended before can be read when it resolves. */
  flush(): Promise<void>;
}

/** One input of a workflow's main definition. */
export interface DefinitionInput {
  readonly name: string;
  /** In the language's own words: `Array[File]+`. */
  readonly type: string;
  /** True where it may be left out: optional types and inputs with a default. */
  readonly optional: boolean;
  readonly description?: string;
  /** Its value is the container image of tasks: looked for before any of them. */
  readonly isImage?: true;
}

export interface DefinitionDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The source line with a caret below the place. */
  readonly excerpt?: string;
}

/** Named settings of a workflow that a run may choose: Nextflow's profiles. */
export interface DefinitionProfile {
  readonly name: string;
  /** Inputs that it sets: a run that chooses it may leave them out. */
  readonly sets: readonly string[];
}

export interface CheckedDefinition {
  readonly inputs: readonly DefinitionInput[];
  readonly profiles?: readonly DefinitionProfile[];
  readonly diagnostics: readonly DefinitionDiagnostic[];
}

/** Parses and type-checks a definition of one language. Never throws for what the definition does wrong. */
export interface DefinitionChecker {
  check(definition: {
    readonly files: ReadonlyMap<string, string>;
    readonly main: string;
  }): Promise<CheckedDefinition>;
}
