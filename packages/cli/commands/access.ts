import { administer, readConfiguration } from '@helicase/server';
import { UsageError } from '../usage-error.ts';

type Flags = Readonly<Record<string, unknown>>;

/** `helicase access explain`: exit status 0 where somebody is allowed, 1 where nobody is. */
export async function access(flags: Flags, [verb, ...others]: readonly string[]): Promise<number> {
  const { action, resource, principal, context, ...serving } = flags;
  if (verb !== 'explain' || others.length > 0) throw new UsageError('helicase access takes explain');
  const configuration = readConfiguration(serving, process.env);
  const answers = await administer(configuration, (administration) =>
    administration.explain({
      ...{ action: needed('action', action), resource: needed('resource', resource) },
      ...{ region: configuration.regions[0]!, conditions: conditions(context) },
      ...(typeof principal === 'string' ? { principal } : {}),
    }),
  );
  answers.forEach(({ allowed, principal: who, reason, ...way }, index) => {
    const { action: other, resource: there } = way;
    // What was asked is known; the other way to the same bytes is told.
    if (other !== action && other !== answers[index - 1]?.action) console.log(`\n${other} on ${there}`);
    console.log(`${allowed ? '✓' : '✗'} ${who}: ${reason}`);
  });
  return answers.some(({ allowed }) => allowed) ? 0 : 1;
}

function needed(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`helicase access explain needs --${name}`);
}

/** `--context aws:SourceIp=10.0.0.1`, as often as needed; a key given twice has both values. */
function conditions(given: unknown): Readonly<Record<string, string | readonly string[]>> {
  const found: Record<string, string | readonly string[]> = {};
  for (const text of Array.isArray(given) ? (given as unknown[]).map(String) : []) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined)
      throw new UsageError(`--context "${text}" is not KEY=VALUE`);
    found[key] = key in found ? [found[key]!, value].flat() : value;
  }
  return found;
}
