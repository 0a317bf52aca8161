import type { Readable } from 'node:stream';
import { VariantWriter } from '../table/variant-writer.ts';
import { emptyGenotype, parseGenotype } from '../vcf/genotype.ts';
import type { VcfHeader } from '../vcf/header.ts';
import { openFasta, type ReferenceSequence } from '../vcf/fasta.ts';
import { leftNormalized } from '../vcf/left-normalize.ts';
import { readVcf, type VcfVisitor } from '../vcf/reader.ts';
import type { VcfRecord } from '../vcf/record.ts';
import { vepReader, type VepReader } from '../vcf/vep.ts';
import type { ImportRequest, ImportSummary } from './protocol.ts';

/** One pass over a VCF: parsed, normalized where asked, written as Parquet. Throws VcfError where the file is wrong. */
export async function importVcf(source: Readable, request: ImportRequest): Promise<ImportSummary> {
  const writer = await VariantWriter.open(request.directory, request.rowsPerFile);
  const reference = request.reference && openFasta(request.reference.fasta, request.reference.index);
  try {
    const pass = new ImportPass(writer, request, reference);
    await readVcf(source, pass, request.format?.kind === 'vcf' ? request.format : {});
    return pass.summary(await writer.finish());
  } finally {
    reference?.close();
    writer.close();
  }
}

class ImportPass implements VcfVisitor {
  readonly #writer: VariantWriter;
  readonly #request: ImportRequest;
  readonly #reference: ReferenceSequence | undefined;
  readonly #contigs = new Map<string, number>();
  #samples: readonly string[] = [];
  #vep: VepReader | undefined;
  #records = 0;
  #rows = 0;

  constructor(writer: VariantWriter, request: ImportRequest, reference: ReferenceSequence | undefined) {
    this.#writer = writer;
    this.#request = request;
    this.#reference = reference;
  }

  async header(header: VcfHeader): Promise<void> {
    this.#samples = header.samples;
    this.#vep = vepReader(header, this.#request.vepKey);
  }

  record(record: VcfRecord, line: number): Promise<void> {
    const site = this.#reference ? leftNormalized(record.site, this.#reference, line) : record.site;
    const genotypes = this.#genotypes(record, line);
    this.#records++;
    this.#rows += genotypes.length;
    this.#contigs.set(site.contig, (this.#contigs.get(site.contig) ?? 0) + 1);
    return this.#writer.add(this.#request.jobId, site, this.#vep?.entries(site.info), genotypes);
  }

  summary(files: ImportSummary['files']): ImportSummary {
    return { files, records: this.#records, rows: this.#rows, contigs: Object.fromEntries(this.#contigs) };
  }

  #genotypes({ formatKeys, samples }: VcfRecord, line: number) {
    if (this.#samples.length === 0) return [{ genotype: emptyGenotype(), sampleId: null }];
    return this.#samples.map((sample, index) => ({
      genotype: parseGenotype(formatKeys, samples[index]!, { line, sample }),
      sampleId: sample,
    }));
  }
}
