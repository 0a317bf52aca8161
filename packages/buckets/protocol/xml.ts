/** An element's content: text, or elements in order; a list repeats its element; undefined is left out. */
export type XmlContent = string | number | boolean | XmlElements;
export interface XmlElements {
  readonly [name: string]: XmlContent | readonly XmlContent[] | undefined;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A response document in S3's namespace. */
export function xmlDocument(root: string, content: XmlElements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${elements(content)}</${root}>`;
}

/** S3's error document has no namespace. */
export function xmlError(content: XmlElements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements(content)}</Error>`;
}

function elements(content: XmlElements): string {
  return Object.entries(content)
    .flatMap(([name, value]) => listOf(value).map((item) => `<${name}>${inner(item)}</${name}>`))
    .join('');
}

function listOf(value: XmlContent | readonly XmlContent[] | undefined): readonly XmlContent[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as XmlContent];
}

function inner(value: XmlContent): string {
  return typeof value === 'object' ? elements(value) : escaped(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters become character references, which is how S3 gives keys that hold them. */
function escaped(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex
    /[&<>"\u0000-\u001f\u007f]/g,
    (character) => ENTITIES[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );
}
