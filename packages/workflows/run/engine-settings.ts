import { errors } from '../errors.ts';
import type { WorkflowDoc } from '../workflow/model.ts';

/** A Nextflow run's engine settings, as GetRun answers them. */
export interface EngineSettings {
  /** Nextflow's `-profile`: names with commas between them. */
  readonly profile?: string;
  readonly engineVersion?: string;
}

/** The release whose behaviour the engine has; AWS takes full and short names of releases. */
const ENGINE_VERSION = '25.10.0';
const VERSIONS = [ENGINE_VERSION, '25.10'];
const SETTINGS = ['engineVersion', 'profile'];

/** Throws what is wrong with them. AWS: "If you specify engine settings for WDL or CWL workflows, they are silently ignored". */
export function checkEngineSettings(
  { engine, profiles }: Pick<WorkflowDoc, 'engine' | 'profiles'>,
  settings: unknown,
): EngineSettings | undefined {
  if (settings === undefined || settings === null || engine !== 'NEXTFLOW') return undefined;
  const refuse = (problem: string) => errors.engineSettingsWrong({ problem });
  if (typeof settings !== 'object' || Array.isArray(settings)) throw refuse('it is no JSON object');
  for (const [name, value] of Object.entries(settings)) {
    if (!SETTINGS.includes(name)) {
      throw refuse(`"${name}" is no setting of this server: it has ${SETTINGS.join(' and ')}`);
    }
    if (typeof value !== 'string' || value === '') throw refuse(`"${name}" is no text`);
  }
  const given = settings as EngineSettings;
  const { engineVersion = ENGINE_VERSION } = given;
  if (!VERSIONS.includes(engineVersion)) {
    throw refuse(`engineVersion "${engineVersion}" is not here: this server has ${VERSIONS.at(-1)}`);
  }
  const known = profiles?.map(({ name }) => name) ?? [];
  // A configuration may make the names of profiles while it is evaluated; then the engine tells.
  const unknown =
    known.length === 0 ? [] : profilesOf(given).filter((name) => ![...known, 'standard'].includes(name));
  if (unknown.length > 0) {
    throw refuse(`the workflow has no profile ${unknown.join(', ')}: it has ${known.join(', ')}`);
  }
  return given;
}

export function profilesOf(settings: EngineSettings | undefined): readonly string[] {
  return settings?.profile?.split(',').map((name) => name.trim()) ?? [];
}

/** GetRun: "The other workflow definition languages don't provide a value for this field." */
export function engineVersionOf({ engine }: Pick<WorkflowDoc, 'engine'>): string | undefined {
  return engine === 'NEXTFLOW' ? ENGINE_VERSION : undefined;
}
