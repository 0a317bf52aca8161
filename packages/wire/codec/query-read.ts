import type { ListShape, MapShape, Member, Shape, StructureShape } from '../schema/shape.ts';
import { readBase64 } from './base64.ts';
import type { ReadFaults } from './faults.ts';
import { readTimestamp } from './timestamp.ts';

/** The parameters of a query-protocol form, by the dots in their names. */
export interface FormNode {
  text: string | undefined;
  readonly children: Map<string, FormNode>;
}

const DEPTH_LIMIT = 50;

/** `Tags.member.1.Key=a` as a tree. Names that nest deeper than any model does are dropped. */
export function formTree(parameters: Iterable<readonly [string, string]>): FormNode {
  const root: FormNode = { text: undefined, children: new Map() };
  for (const [name, text] of parameters) {
    const parts = name.split('.', DEPTH_LIMIT + 1);
    if (parts.length > DEPTH_LIMIT) continue;
    let node = root;
    for (const part of parts) node = child(node, part);
    node.text = text;
  }
  return root;
}

function child(node: FormNode, name: string): FormNode {
  let found = node.children.get(name);
  if (!found) node.children.set(name, (found = { text: undefined, children: new Map() }));
  return found;
}

/** A form's subtree as the schema's JavaScript value. */
export function readForm(shape: Shape, node: FormNode, at: string, faults: ReadFaults): unknown {
  switch (shape.kind) {
    case 'list':
      return readList(shape, node, at, faults);
    case 'map':
      return readMap(shape, node, at, faults);
    case 'structure':
      return readStructure(shape, node, at, faults);
    default:
      return readText(shape, node.text ?? '', at, faults);
  }
}

/** Text of a form, query string or header as the schema's JavaScript value. */
export function readText(shape: Shape, text: string, at: string, faults: ReadFaults): unknown {
  switch (shape.kind) {
    case 'number':
      return readNumber(text) ?? faults.wrongType(text, at, 'a number');
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      return faults.wrongType(text, at, 'true or false');
    case 'timestamp':
      return readTimestamp(text) ?? faults.wrongType(text, at, 'a timestamp (ISO 8601)');
    case 'blob':
      return readBase64(text) ?? faults.wrongType(text, at, 'base64');
    default:
      return text;
  }
}

function readNumber(text: string): number | undefined {
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function readStructure(shape: StructureShape, node: FormNode, at: string, faults: ReadFaults): unknown {
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const found = node.children.get(formName(member));
    if (!found) continue;
    const source = isFlattened(member) ? found : unwrapped(member.shape, found);
    const path = at === '' ? member.name : `${at}.${member.name}`;
    const read = readForm(member.shape, source, path, faults);
    if (read !== undefined) result[member.name] = read;
  }
  return result;
}

/** Lists and maps that are not flattened have a level of their own: `Tags.member.1`, `Map.entry.1`. */
function unwrapped(shape: Shape, node: FormNode): FormNode {
  if (shape.kind === 'list') return node.children.get(formName(shape.element)) ?? node;
  return shape.kind === 'map' ? (node.children.get('entry') ?? node) : node;
}

function readList(shape: ListShape, node: FormNode, at: string, faults: ReadFaults): unknown {
  return numbered(node).map((item, index) => {
    const source = unwrapped(shape.element.shape, item);
    return readForm(shape.element.shape, source, `${at}.${index + 1}.member`, faults);
  });
}

function readMap(shape: MapShape, node: FormNode, at: string, faults: ReadFaults): unknown {
  const entries = numbered(node).map((entry) => {
    const key = entry.children.get('key')?.text ?? '';
    const value = entry.children.get('value') ?? { text: '', children: new Map() };
    return [key, readForm(shape.value.shape, value, `${at}.${key}`, faults)];
  });
  return Object.fromEntries(entries) as unknown;
}

function numbered(node: FormNode): readonly FormNode[] {
  return [...node.children]
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}

function formName(member: Member): string {
  return (member.traits['xmlName'] as string | undefined) ?? member.name;
}

function isFlattened(member: Member): boolean {
  return Boolean(member.traits['xmlFlattened']);
}
