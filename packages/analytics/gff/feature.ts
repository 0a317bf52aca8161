import { shown, VcfError } from '../vcf/vcf-error.ts';

/** One feature line of a GFF3 file: start 0-based, end exclusive; `.` is null. */
export interface Feature {
  readonly seqid: string;
  readonly source: string | null;
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly score: number | null;
  readonly strand: string | null;
  readonly phase: number | null;
  /** Keys and values as the file has them, still escaped, in its order. */
  readonly attributes: ReadonlyMap<string, string>;
}

const COLUMNS = 9;

/** Reads one line of nine columns (GFF3 1.26). Throws VcfError naming the line and what is wrong. */
export function parseFeature(line: string, number: number): Feature {
  const columns = line.split('\t');
  if (columns.length !== COLUMNS)
    throw new VcfError(`${columns.length} columns, but a GFF3 feature has ${COLUMNS}`, number);
  const [seqid, source, type, start, end, score, strand, phase, attributes] = columns as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (seqid === '' || seqid === '.') throw new VcfError('seqid is missing', number);
  if (type === '' || type === '.') throw new VcfError('type is missing', number);
  const [first, last] = [coordinate('start', start, number), coordinate('end', end, number)];
  if (last < first) throw new VcfError(`end ${last} lies before start ${first}`, number);
  return {
    seqid: unescaped(seqid),
    source: source === '.' ? null : unescaped(source),
    type: unescaped(type),
    start: first - 1,
    end: last,
    score: scoreOf(score, number),
    strand: oneOf('strand', strand, /^[+\-?]$/, number),
    phase: phaseOf(phase, number),
    attributes: parseAttributes(attributes, number),
  };
}

/** GFF3 writes tab, `;`, `=`, `&`, `,` and what an author likes as `%` and two hexadecimal digits, UTF-8. */
export function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

function coordinate(name: string, text: string, number: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) < 1)
    throw new VcfError(`${name} must be a number from 1, found ${shown(text)}`, number);
  return Number(text);
}

function scoreOf(text: string, number: number): number | null {
  if (text === '.') return null;
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new VcfError(`score must be a number or ".", found ${shown(text)}`, number);
  return value;
}

function phaseOf(text: string, number: number): number | null {
  const phase = oneOf('phase', text, /^[012]$/, number);
  return phase === null ? null : Number(phase);
}

function oneOf(name: string, text: string, allowed: RegExp, number: number): string | null {
  if (text === '.') return null;
  if (allowed.test(text)) return text;
  const values = name === 'phase' ? '0, 1, 2' : '+, -, ?';
  throw new VcfError(`${name} must be ${values} or ".", found ${shown(text)}`, number);
}

function parseAttributes(text: string, number: number): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  if (text === '.') return attributes;
  for (const entry of text.split(';').map((part) => part.trim())) {
    if (entry === '') continue; // a trailing ";" says nothing
    const equals = entry.indexOf('=');
    if (equals < 1) throw new VcfError(`attribute ${shown(entry)} is not key=value`, number);
    const key = entry.slice(0, equals);
    if (attributes.has(key)) throw new VcfError(`attribute ${key} occurs twice`, number);
    attributes.set(key, entry.slice(equals + 1));
  }
  return attributes;
}
