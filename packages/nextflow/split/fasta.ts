import { GroovyMap } from '../values/map.ts';
import { lines } from '../values/path.ts';
import { truth } from '../values/truth.ts';

/** Each sequence with its header, as it stands in the file. */
export function* fastaTexts(content: string): Iterable<string> {
  let current = '';
  for (const line of lines(content)) {
    if (line.startsWith(';')) continue;
    if (line.startsWith('>') && current !== '') {
      yield current;
      current = '';
    }
    if (line !== '' || current !== '') current += `${line}\n`;
  }
  if (current !== '') yield current;
}

/** The fields that `record` asks for. */
export function fastaRecord(entry: string, wanted: GroovyMap): GroovyMap {
  const end = entry.indexOf('\n');
  const header = entry.slice(1, end);
  const space = header.search(/\s/);
  const id = space === -1 ? header : header.slice(0, space);
  const sequence = entry.slice(end + 1);
  const width = Number(wanted.get('width') ?? 0);
  const folded =
    width > 0 ? sequence.replaceAll('\n', '').replace(new RegExp(`(.{${width}})`, 'g'), '$1\n') : sequence;
  const fields = {
    id,
    header,
    desc: space === -1 ? null : header.slice(space + 1),
    text: entry,
    seqString: sequence.replaceAll('\n', ''),
    sequence: folded,
  };
  return GroovyMap.from(Object.entries(fields).filter(([name]) => truth(wanted.get(name) ?? false)));
}
