import type { ListShape, MapShape, Member, Shape, StructureShape } from '../schema/shape.ts';
import { asDate } from './json-write.ts';
import { writeTimestamp } from './timestamp.ts';

/** `<name>text</name>`, escaped. */
export function textElement(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

/** `&`, `<`, `>`, quotes; what XML 1.0 cannot hold at all becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']|[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]|\r/gu, escapeOne);
}

function escapeOne(character: string): string {
  const known: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
    '\r': '&#xD;',
  };
  return known[character] ?? '\uFFFD';
}

/** The members of a structure as elements, as the query protocol answers them. */
export function writeXmlMembers(shape: StructureShape, value: unknown): string {
  const given = value as Readonly<Record<string, unknown>>;
  return shape.members.map((member) => writeMember(member, given[member.name])).join('');
}

function writeMember(member: Member, value: unknown): string {
  if (value === undefined || value === null) return '';
  const name = elementName(member);
  const { shape } = member;
  if (!member.traits['xmlFlattened']) return `<${name}>${writeContent(shape, value)}</${name}>`;
  if (shape.kind === 'list') return writeItems(shape, value, name);
  return shape.kind === 'map' ? writeEntries(shape, value, name) : writeContent(shape, value);
}

function writeContent(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'structure':
      return writeXmlMembers(shape, value);
    case 'list':
      return writeItems(shape, value, elementName(shape.element));
    case 'map':
      return writeEntries(shape, value, 'entry');
    case 'timestamp':
      return String(writeTimestamp(asDate(value), shape.format ?? 'date-time'));
    case 'blob':
      return Buffer.from(value as Uint8Array).toString('base64');
    default:
      return escapeXml(String(value));
  }
}

function writeItems(shape: ListShape, value: unknown, name: string): string {
  const items = value as readonly unknown[];
  return items.map((item) => `<${name}>${writeContent(shape.element.shape, item)}</${name}>`).join('');
}

function writeEntries(shape: MapShape, value: unknown, name: string): string {
  return Object.entries(value as object)
    .map(([key, item]) => {
      const content = writeContent(shape.value.shape, item);
      return `<${name}>${textElement('key', key)}<value>${content}</value></${name}>`;
    })
    .join('');
}

function elementName(member: Member): string {
  return (member.traits['xmlName'] as string | undefined) ?? member.name;
}
