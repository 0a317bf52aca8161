import type { InlineSetting } from '@aws-sdk/client-omics';
import type { Readable } from 'node:stream';
import { TokenParser, Tokenizer } from '@streamparser/json';

/** Why a file of run settings cannot be used, in words for its author: becomes the batch's failureReason. */
export class SettingsProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsProblem';
  }
}

/** "Supports up to 100,000 run configurations." */
export const SETTINGS = 100_000;
/** "The maximum file size is 6 GB." */
export const SETTINGS_FILE_BYTES = 6 * 1024 ** 3;

const TEXTS = ['name', 'outputUri', 'outputBucketOwnerId'] as const;

/** The settings of a JSON array, one by one however long it is; SettingsProblem names the first that is wrong. */
export async function* readSettings(body: Readable): AsyncGenerator<InlineSetting> {
  const seen = new Set<string>();
  for await (const value of elements(body)) {
    if (seen.size === SETTINGS) throw new SettingsProblem(`There are more than ${SETTINGS} run settings.`);
    const setting = settingOf(value, seen.size);
    const id = setting.runSettingId!;
    if (seen.has(id)) throw new SettingsProblem(`runSettingId "${id}" occurs twice.`);
    seen.add(id);
    yield setting;
  }
  if (seen.size === 0) throw new SettingsProblem('There are no run settings.');
}

/** Elements of a top-level array as they come. */
async function* elements(body: Readable): AsyncGenerator<unknown> {
  const found: unknown[] = [];
  const tokenizer = new Tokenizer();
  const parser = new TokenParser({ paths: ['$.*'], keepStack: false });
  let failure: Error | undefined;
  tokenizer.onToken = (token) => {
    if (found.length === 0 && !started && token.value !== '[') failure ??= new Error('it is no JSON array');
    started = true;
    parser.write(token);
  };
  let started = false;
  const fail = (error: Error) => (failure ??= error);
  tokenizer.onError = fail;
  parser.onError = fail;
  parser.onValue = ({ value }) => found.push(value);
  const check = () => {
    if (failure) throw new SettingsProblem(`The file of run settings cannot be read: ${failure.message}.`);
  };
  for await (const chunk of body) {
    tokenizer.write(chunk as Buffer);
    check();
    yield* found.splice(0);
  }
  if (!parser.isEnded) failure ??= new Error('it ends too early');
  check();
}

/** What the API's own validation looks at in settings that come in the request. */
function settingOf(value: unknown, index: number): InlineSetting {
  const refuse = (what: string) => new SettingsProblem(`Run setting ${index + 1} of the file: ${what}.`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('it is no JSON object');
  const setting = value as Readonly<Record<string, unknown>>;
  const { parameters, priority, runSettingId, runTags } = setting;
  if (typeof runSettingId !== 'string' || !/^.{1,128}$/s.test(runSettingId)) {
    throw refuse('runSettingId must be a text of 1 to 128 characters');
  }
  const text = TEXTS.find((name) => setting[name] !== undefined && typeof setting[name] !== 'string');
  if (text) throw refuse(`${text} must be a text`);
  if (priority !== undefined && !(Number.isInteger(priority) && Number(priority) >= 0)) {
    throw refuse('priority must be a whole number from 0');
  }
  if (parameters !== undefined && !isObject(parameters)) throw refuse('parameters must be a JSON object');
  if (runTags !== undefined && !(isObject(runTags) && Object.values(runTags).every(isText))) {
    throw refuse('runTags must be an object of texts');
  }
  return value as InlineSetting;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
