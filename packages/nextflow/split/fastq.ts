import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { lines } from '../values/path.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';

/** Each read: four lines. */
export function* fastqTexts(content: string): Iterable<string> {
  const all = lines(content);
  for (let at = 0; at < all.length; at += 4) {
    if (all[at] === '' && at + 1 >= all.length) return;
    if (!all[at]!.startsWith('@') || !all[at + 2]?.startsWith('+')) {
      throw fault(
        `This is not FASTQ: line ${at + 1} begins a read that has not "@" and "+" where they belong.`,
        'IllegalStateException',
      );
    }
    yield `${all[at]}\n${all[at + 1]}\n${all[at + 2]}\n${all[at + 3] ?? ''}\n`;
  }
}

/** The fields that `record` asks for. */
export function fastqRecord(entry: string, wanted: Value): GroovyMap {
  const [header = '', sequence = '', qualityHeader = '', quality = ''] = entry.split('\n');
  const fields = {
    readHeader: header.slice(1),
    readString: sequence,
    qualityHeader: qualityHeader.slice(1),
    qualityString: quality,
  };
  if (!(wanted instanceof GroovyMap)) return GroovyMap.of(fields);
  return GroovyMap.from(Object.entries(fields).filter(([name]) => truth(wanted.get(name) ?? false)));
}
