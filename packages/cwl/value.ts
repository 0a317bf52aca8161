/** A CWL value: JSON, in which files and folders are objects with a `class`. */
export type Value = null | boolean | number | string | Value[] | ValueObject;
export interface ValueObject {
  [key: string]: Value;
}

export function isObject(value: unknown): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isFile(value: unknown): value is ValueObject {
  return isObject(value) && value['class'] === 'File';
}

export function isDirectory(value: unknown): value is ValueObject {
  return isObject(value) && value['class'] === 'Directory';
}

export function isFileOrDirectory(value: unknown): value is ValueObject {
  return isFile(value) || isDirectory(value);
}

export function textOf(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function listOf(value: Value | undefined): Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The value with every File and Directory in it replaced, the outermost first; what `change` answers is not entered. */
export async function mapFiles(value: Value, change: (file: ValueObject) => Promise<Value>): Promise<Value> {
  if (isFileOrDirectory(value)) return change(value);
  if (Array.isArray(value)) {
    const items: Value[] = [];
    for (const item of value) items.push(await mapFiles(item, change));
    return items;
  }
  if (!isObject(value)) return value;
  const members: ValueObject = {};
  for (const [name, item] of Object.entries(value)) setMember(members, name, await mapFiles(item, change));
  return members;
}

/** Calls `visit` with every File and Directory in the value, those in secondaryFiles and listings too. */
export function visitFiles(value: Value, visit: (file: ValueObject) => void): void {
  if (Array.isArray(value)) for (const item of value) visitFiles(item, visit);
  else if (isObject(value)) {
    if (isFileOrDirectory(value)) visit(value);
    for (const item of Object.values(value)) visitFiles(item, visit);
  }
}

/** Names come from documents: `__proto__` is a member like any other. */
export function setMember(target: ValueObject, name: string, value: Value): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

export function member(value: Value | undefined, name: string): Value | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
