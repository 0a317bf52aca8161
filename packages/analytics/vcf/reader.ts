import type { Readable } from 'node:stream';
import { byteLines } from './byte-lines.ts';
import { decompressed } from './decompress.ts';
import { type VcfHeader, VcfHeaderReader } from './header.ts';
import { parseRecord, type VcfRecord } from './record.ts';
import { VcfError } from './vcf-error.ts';

/** What is done with a file as it is read, in its order. */
export interface VcfVisitor {
  header(header: VcfHeader): Promise<void>;
  /** `line` counts from 1, header lines included. */
  record(record: VcfRecord, line: number): Promise<void> | void;
}

/** Fields that are neither read nor checked: their values are as if the file had `.` there. */
export interface VcfReading {
  readonly ignoreQuality?: boolean;
  readonly ignoreFilter?: boolean;
}

/** Reads a plain, gzip or bgzip VCF from its first to its last byte. Throws VcfError where it is not whole and right. */
export async function readVcf(
  source: Readable,
  visitor: VcfVisitor,
  reading: VcfReading = {},
): Promise<void> {
  const reader = new VcfHeaderReader();
  let header: VcfHeader | undefined;
  let number = 0;
  for await (const lines of byteLines(decompressed(source))) {
    for (const line of lines) {
      number++;
      if (header) {
        if (line === '') continue; // some writers leave an empty line at the end
        const visited = visitor.record(parseRecord(line, number, header, reading), number);
        if (visited) await visited;
      } else {
        header = reader.take(line, number);
        if (header) await visitor.header(header);
      }
    }
  }
  if (!header) throw new VcfError(number === 0 ? 'the file is empty' : 'the file has no #CHROM line');
}
