import { Readable } from 'node:stream';

/** What CloudTrail writes where a value is not for readers of the trail. */
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';
const SECRET = /secretaccesskey|sessiontoken|password|privatekey|plaintext|authorizationtoken|clientsecret/i;
/** What clients hand in to be kept elsewhere: log lines (PutLogEvents, TestMetricFilter), events (PutEvents). */
const PAYLOADS: ReadonlySet<string> = new Set(['logEvents', 'logEventMessages', 'Detail']);
/** Characters of JSON; CloudTrail's own bound for the element. */
const LARGEST = 100_000;

/**
 * Request parameters or response elements as an audit record has them: member names begin in lower case, secrets are
 * hidden, bytes are left out. Null where there is nothing.
 */
export function parametersOf(value: unknown): unknown {
  const shown = shownOf(value);
  if (shown === undefined || shown === null) return null;
  if (typeof shown === 'object' && Object.keys(shown).length === 0) return null;
  const { length } = JSON.stringify(shown);
  if (length <= LARGEST) return shown;
  return { omitted: true, originalSize: length, reasonForOmission: `over ${LARGEST} characters` };
}

function shownOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? String(value) : value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array || value instanceof Readable) return undefined;
  if (Array.isArray(value)) return value.map(shownOf);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [
        lowerFirst(name),
        isHidden(name) && member !== undefined ? HIDDEN : shownOf(member),
      ])
      .filter(([, member]) => member !== undefined),
  );
}

function isHidden(name: string): boolean {
  return SECRET.test(name) || PAYLOADS.has(name);
}

function lowerFirst(name: string): string {
  return /^[A-Z][a-z]/.test(name) ? name[0]!.toLowerCase() + name.slice(1) : name;
}
