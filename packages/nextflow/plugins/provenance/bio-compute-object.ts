import { createHash } from 'node:crypto';
import { GroovyMap } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import {
  foreignFiles,
  inputFiles,
  json,
  mediaType,
  option,
  outputFiles,
  plain,
  type ProvenanceDocument,
  type ProvenanceRecord,
  type ProvenRun,
} from './record.ts';

/** BCO's words for nf-core's (manifest.contributors). */
const CONTRIBUTIONS: Readonly<Record<string, string>> = {
  author: 'authoredBy',
  maintainer: 'curatedBy',
  contributor: 'curatedBy',
};

/** A BioCompute Object (IEEE 2791-2020); fields that no run can tell come from `prov.formats.bco`. */
export function bioComputeObject(
  record: ProvenanceRecord,
  run: ProvenRun,
  options: GroovyMap,
): ProvenanceDocument {
  const { manifest, params, version } = run;
  const of = (name: string) => text(manifest.get(name) ?? '');
  const set = (...path: readonly string[]) => option(options, ...path);
  const content = {
    provenance_domain: {
      ...{ name: of('name'), version: of('version'), review: set('provenance_domain', 'review') ?? [] },
      derived_from: set('provenance_domain', 'derived_from'),
      obsolete_after: set('provenance_domain', 'obsolete_after'),
      embargo: set('provenance_domain', 'embargo'),
      ...{ created: run.started.toISOString(), modified: run.ended.toISOString() },
      ...{ contributors: contributors(manifest), license: of('license') },
    },
    usability_domain: set('usability_domain') ?? [of('description')].filter(Boolean),
    extension_domain: [],
    description_domain: {
      keywords: set('description_domain', 'keywords') ?? [],
      xref: set('description_domain', 'xref') ?? [],
      platform: ['Nextflow'],
      pipeline_steps: record.tasks.map((task) => ({
        ...{ step_number: task.id, name: task.hash, description: task.name },
        input_list: inputFiles(task).map((uri) => ({ uri })),
        output_list: outputFiles(task).map((uri) => ({ uri })),
      })),
    },
    execution_domain: {
      script: [{ uri: { uri: run.main } }],
      script_driver: 'nextflow',
      software_prerequisites: [
        {
          ...{ name: 'Nextflow', version },
          uri: { uri: `https://github.com/nextflow-io/nextflow/releases/tag/v${version}` },
        },
      ],
      external_data_endpoints: set('execution_domain', 'external_data_endpoints') ?? [],
      environment_variables: variables(record, set('execution_domain', 'environment_variables')),
    },
    parametric_domain: settings(params).map(([param, value]) => ({ ...{ param, value, step: '0' } })),
    io_domain: {
      input_subdomain: foreignFiles(record.tasks).map((uri) => ({ uri: { uri } })),
      output_subdomain: record.published.map(({ source, target }) => ({
        ...{ mediatype: mediaType(target) ?? '', uri: { filename: source, uri: target } },
      })),
    },
    error_domain: { empirical_error: {}, algorithmic_error: {} },
  };
  const object = {
    object_id: `urn:uuid:${run.id}`,
    spec_version: 'https://w3id.org/ieee/ieee-2791-schema/2791object.json',
    etag: createHash('sha256').update(JSON.stringify(content)).digest('hex'),
    ...content,
  };
  return { text: json(object) };
}

function contributors(manifest: GroovyMap): object[] {
  const listed = plain(manifest.get('contributors') ?? null);
  if (Array.isArray(listed) && listed.length > 0)
    return (listed as Readonly<Record<string, unknown>>[]).map(
      ({ affiliation, contribution, email, name, orcid }) => ({
        ...{ name, affiliation, email, orcid },
        contribution: (Array.isArray(contribution) ? contribution : []).map(
          (one) => CONTRIBUTIONS[String(one).toLowerCase()] ?? 'contributedBy',
        ),
      }),
    );
  const authors = text(manifest.get('author') ?? '').split(',');
  return authors
    .map((name) => name.trim())
    .filter(Boolean)
    .map((name) => ({ name, contribution: ['authoredBy'] }));
}

/** Those alone that the configuration names: others may be secrets. */
function variables({ environment }: ProvenanceRecord, names: unknown): Record<string, string> {
  if (!Array.isArray(names)) return {};
  return Object.fromEntries(
    names
      .map((name) => [String(name), environment[String(name)]] as const)
      .filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
  );
}

/** Parameters with their values as text, those of scopes by their path. */
function settings(params: GroovyMap, scope = ''): [string, string][] {
  return Array.from(params).flatMap(([key, value]) => {
    const name = `${scope}${text(key)}`;
    return value instanceof GroovyMap ? settings(value, `${name}.`) : [[name, text(value)]];
  });
}
