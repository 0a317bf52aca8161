const READS = 'DATA/testdata';
const FASTQ = 'DATA/taxprofiler/data/fastq/ERX54749';
const DATABASE = 'DATA/taxprofiler/data/database';
/** Sample sheets that the pipelines' tests take from elsewhere, by what they say of samples. */
export const SHEETS: readonly (readonly [string, readonly string[]])[] = Object.entries({
  'bbsplit_fasta_list.txt': ['sarscov2,DATA/reference/sarscov2.fa', 'human,DATA/reference/human.fa'],
  'samplesheet_test.csv': [
    'sample,fastq_1,fastq_2,strandedness',
    `WT_REP1,${READS}/SRR6357070_1.fastq.gz,${READS}/SRR6357070_2.fastq.gz,auto`,
    `WT_REP1,${READS}/SRR6357071_1.fastq.gz,${READS}/SRR6357071_2.fastq.gz,auto`,
    `WT_REP2,${READS}/SRR6357072_1.fastq.gz,${READS}/SRR6357072_2.fastq.gz,reverse`,
    `RAP1_UNINDUCED_REP1,${READS}/SRR6357073_1.fastq.gz,,reverse`,
    `RAP1_UNINDUCED_REP2,${READS}/SRR6357074_1.fastq.gz,,reverse`,
    `RAP1_UNINDUCED_REP2,${READS}/SRR6357075_1.fastq.gz,,reverse`,
    `RAP1_IAA_30M_REP1,${READS}/SRR6357076_1.fastq.gz,${READS}/SRR6357076_2.fastq.gz,reverse`,
  ],
  'taxprofiler/samplesheet.csv': [
    'sample,run_accession,instrument_platform,fastq_1,fastq_2,fasta',
    '2611,ERR5766174,ILLUMINA,,,DATA/taxprofiler/data/fasta/ERX5474930_ERR5766174_1.fa.gz',
    `2612,ERR5766176,ILLUMINA,${FASTQ}32_ERR5766176_1.fastq.gz,${FASTQ}32_ERR5766176_2.fastq.gz,`,
    `2612,ERR5766176_B,ILLUMINA,${FASTQ}32_ERR5766176_B_1.fastq.gz,${FASTQ}32_ERR5766176_B_2.fastq.gz,`,
    `2612,ERR5766180,ILLUMINA,${FASTQ}36_ERR5766180_1.fastq.gz,,`,
    `2613,ERR5766181,ILLUMINA,${FASTQ}37_ERR5766181_1.fastq.gz,${FASTQ}37_ERR5766181_2.fastq.gz,`,
    '2614,ERR3201952,OXFORD_NANOPORE,,,DATA/taxprofiler/data/fasta/ERR3201952_dup.fasta.gz',
    'ERR3201952,ERR3201952,OXFORD_NANOPORE,DATA/taxprofiler/data/fastq/ERR3201952.fastq.gz,,',
  ],
  'taxprofiler/database_v2.0.csv': [
    'tool,db_name,db_params,db_type,db_path',
    `malt,malt85,-id 85,short,${DATABASE}/malt/testdb-malt.tar.gz`,
    `malt,malt95,-id 90,short,${DATABASE}/malt/testdb-malt.tar.gz`,
    `bracken,db1,,short,${DATABASE}/bracken/testdb-bracken.tar.gz`,
    `kraken2,db2,--quick,short,${DATABASE}/kraken2/testdb-kraken2.tar.gz`,
    `centrifuge,db3,,short,${DATABASE}/centrifuge/test-db-centrifuge.tar.gz`,
    `kaiju,db5,,short,${DATABASE}/kaiju/kaiju.tar.gz`,
    `kaiju,db6,-m 50,long,${DATABASE}/kaiju/kaiju.tar.gz`,
    `kaiju,db7,,short;long,${DATABASE}/kaiju/kaiju.tar.gz`,
    `diamond,db1,,short,${DATABASE}/diamond/testdb-diamond.dmnd`,
    `diamond,db2,--long-reads,long,${DATABASE}/diamond/testdb-diamond.dmnd`,
    `diamond,db3,,short;long,${DATABASE}/diamond/testdb-diamond.dmnd`,
    `ganon,db1,,short,${DATABASE}/ganon/test-db-ganon.tar.gz`,
    `metaphlan,metaphlan3,--mpa3,short,${DATABASE}/metaphlan_database.tar.gz`,
    `metaphlan,metaphlan4,,short,${DATABASE}/metaphlan4_database.tar.gz`,
    `kmcp,db1,;-m 0,short,${DATABASE}/kmcp/test-db-kmcp.tar.gz`,
    `sylph,db1,-m 60,short;long,${DATABASE}/sylph/testdb-sylph.syldb`,
    `melon,db1,,long,${DATABASE}/melon/melon_db.tar.gz`,
    `metacache,db1,,long,${DATABASE}/metacache/test-db-metacache.tar.gz`,
  ],
});
