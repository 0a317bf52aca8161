import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

interface Secret {
  readonly name: string;
  readonly value: string;
}

/** Where Nextflow keeps them, in its own form: a user's secrets are there for both. */
function storePath(): string {
  const home = process.env['NXF_HOME'] || join(homedir(), '.nextflow');
  return process.env['NXF_SECRETS_FILE'] || join(home, 'secrets', 'store.json');
}

function readStore(): Secret[] {
  const path = storePath();
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Secret[]) : [];
}

/** For the user alone. */
function writeStore(secrets: readonly Secret[]): void {
  const path = storePath();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, JSON.stringify(secrets), { mode: 0o600 });
}

/** The store's secrets by name, and over them those of the environment: NXF_SECRET_name. */
export function localSecrets(): Record<string, string> {
  const stored = readStore().map(({ name, value }) => [name, value] as const);
  const given = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith('NXF_SECRET_') && value !== undefined ? [[name.slice(11), value] as const] : [],
  );
  return Object.fromEntries([...stored, ...given]);
}

/** `secrets set|get|list|delete`. */
export function secrets([verb, name, value, ...others]: readonly string[]): number {
  const known = readStore();
  const rest = known.filter((one) => one.name !== name);
  if (verb === 'list' && name === undefined) {
    const names = known.map((one) => one.name).sort();
    console.log(names.length === 0 ? 'no secrets available' : names.join('\n'));
    return 0;
  }
  if (verb === 'set' && name !== undefined && value !== undefined && others.length === 0) {
    if (!/^[A-Za-z_]\w*$/.test(name))
      return refused(`"${name}" is no name of a secret: letters, digits and _ are.`);
    writeStore([...rest, { name, value }]);
    return 0;
  }
  if ((verb === 'get' || verb === 'delete') && name !== undefined && value === undefined) {
    if (rest.length === known.length)
      return refused(`There is no secret ${name}. "secrets list" names them.`);
    if (verb === 'delete') writeStore(rest);
    else console.log(known.find((one) => one.name === name)!.value);
    return 0;
  }
  return refused('Say: secrets list | secrets set NAME VALUE | secrets get NAME | secrets delete NAME');
}

function refused(message: string): number {
  console.error(message);
  return 1;
}
