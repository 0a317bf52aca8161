import { setting } from '../config/config-loader.ts';
import { asChannel } from '../dataflow/as-channel.ts';
import { applyOperator } from '../dataflow/operators/index.ts';
import { yamlText, yamlValue } from '../evaluate/classes/builders.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { Closure } from '../values/closure.ts';
import { illegalArgument } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import type { Plugin } from './plugins.ts';

export interface NfCoreUtilsOptions {
  readonly config: GroovyMap;
  readonly nextflowVersion: string;
}

/** Of nf-core-utils, what pipelines include: the versions of their tools and their own. */
export function nfCoreUtils({ config, nextflowVersion }: NfCoreUtilsOptions): Plugin {
  return {
    functions: {
      getWorkflowVersion: ([version, commit]) => workflowVersion(config, version, commit),
      softwareVersionsToYAML: ([first = null, options]) => {
        const named = first instanceof GroovyMap && first.has('softwareVersions') ? first : undefined;
        const given = named ? (named.get('softwareVersions') ?? null) : first;
        const told = (named ?? (options instanceof GroovyMap ? options : undefined))?.get('nextflowVersion');
        const report = (versions: readonly Value[]) =>
          versionsText(versions, workflowLines(config, text(told ?? nextflowVersion)));
        const channel = asChannel(given);
        if (!channel) return report(isCollection(given) ? items(given) : [given]);
        const list = asChannel(applyOperator(channel, 'toList', []) ?? null)!;
        return applyOperator(list, 'map', [reporting(report)]) ?? null;
      },
    },
  };
}

function reporting(report: (versions: readonly Value[]) => string): Closure {
  const nowhere = { lookup: () => undefined, assign: () => false, call: () => undefined, names: () => [] };
  return new Closure((_self, list) => report(items(list ?? null)), nowhere, { arity: 1, start: 0, end: 0 });
}

/** `v1.2.3-gabcdef1`. */
function workflowVersion(config: GroovyMap, version?: Value, commit?: Value): string {
  const known = text(version ?? setting(config, 'manifest.version') ?? '');
  const written = known === '' || known.startsWith('v') ? known : `v${known}`;
  return commit === undefined || commit === null ? written : `${written}-g${text(commit).slice(0, 7)}`;
}

function workflowLines(config: GroovyMap, nextflowVersion: string): GroovyMap {
  const name = text(setting(config, 'manifest.name') ?? 'workflow');
  return GroovyMap.of({ [name]: workflowVersion(config), Nextflow: nextflowVersion });
}

/** A process and its tools: tuples of topics, files `versions.yml`, their text, or maps. */
function versionsText(versions: readonly Value[], workflow: GroovyMap): string {
  const all = new GroovyMap();
  for (const one of versions) for (const [process, tools] of entriesOf(one)) addTools(all, process, tools);
  const sorted = Array.from(all).sort(([a], [b]) => (text(a) < text(b) ? -1 : 1));
  return yamlText(GroovyMap.from([...sorted, ['Workflow', workflow]])).trimEnd();
}

function entriesOf(given: Value): (readonly [string, GroovyMap])[] {
  if (isCollection(given)) {
    const [process = null, tool = null, version = null] = items(given);
    return [[lastName(process), GroovyMap.of({ [text(tool)]: text(version) })]];
  }
  const read =
    given instanceof GroovyMap ? given : yamlValue(given instanceof FilePath ? given.read() : text(given));
  if (!(read instanceof GroovyMap))
    throw illegalArgument(`Versions are tuples, maps or YAML, not ${text(given)}.`);
  return Array.from(read, ([process, tools]) => [
    lastName(process),
    tools instanceof GroovyMap ? tools : GroovyMap.of({ [text(process)]: text(tools) }),
  ]);
}

/** `NFCORE_SAREK:SAREK:FASTQC` is told as `FASTQC`. */
function lastName(process: Value): string {
  return text(process).split(':').at(-1)!;
}

function addTools(all: GroovyMap, process: string, tools: GroovyMap): void {
  const known = all.get(process);
  all.set(process, known instanceof GroovyMap ? GroovyMap.from([...known, ...tools]) : tools);
}
