import { type Records, tables } from '../packages/records/index.ts';
import type { ReadSetDoc } from '../packages/storage/read-set/model.ts';

const AT_ONCE = 500;

const doc = (n: number): ReadSetDoc => ({
  name: `read set ${n}`,
  subjectId: `subject ${n % 7}`,
  sampleId: `sample ${n % 5}`,
  tags: {},
  fileType: 'FASTQ',
  creationType: 'IMPORT',
  creationJobId: '1',
  etag: { algorithm: 'FASTQ_MD5up', source1: String(n) },
  totalReadCount: 1,
  totalBaseCount: 4,
  alignment: 'UNALIGNED',
  files: { source1: { name: `${n}.fastq.gz`, blob: { id: String(n), size: 40 } } },
});

/**
 * Read sets of a store as `records` keeps them, without their events: a million imports would take a day. Their ids
 * follow the store's.
 */
export async function fillReadSets(
  records: Records,
  scope: { readonly account: string; readonly region: string },
  store: string,
  count: number,
): Promise<void> {
  const base = BigInt(store) + 1n;
  for (let from = 0; from < count; from += AT_ONCE) {
    const rows = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => {
      const n = from + i;
      const said = doc(n);
      return {
        ...scope,
        id: String(base + BigInt(n)),
        parent: store,
        status: n % 10 === 0 ? 'ARCHIVED' : 'ACTIVE',
        created_at: n,
        updated_at: n,
        revision: 1,
        doc: JSON.stringify(said),
        c_name: said.name!,
        c_sample_id: said.sampleId,
        c_subject_id: said.subjectId,
        c_creation_type: 'IMPORT',
      };
    });
    await records.transaction(async (tx) => {
      const sql = tables<{ read_set: (typeof rows)[number] }>(tx);
      await sql.insertInto('read_set').values(rows).execute();
    });
  }
}
