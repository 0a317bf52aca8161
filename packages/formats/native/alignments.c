#include "read-pass.h"

#include <htslib/bgzf.h>
#include <htslib/cram.h>
#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>

/* BAI's bins reach 2^29 bases; longer contigs want CSI with more levels (SAM specification 5.2, CSIv1). */
static const hts_pos_t BAI_REACH = (hts_pos_t)1 << 29;

typedef struct {
    samFile *file;
    sam_hdr_t *header;
    Digest *digest;
    hts_idx_t *index;
    int index_format;
    uint64_t reads, bases, aligned;
    /* Records placed on each contig. */
    uint64_t *placed;
    /* Characters of the longest contig name. */
    size_t longest_name;
    int last_tid;
    hts_pos_t last_position;
    int sorted;
} Pass;

static const char *article_format(const htsFormat *format) {
    switch (format->format) {
    case sam: return "SAM text";
    case bam: return "BAM";
    case cram: return "CRAM";
    case fastq_format: return "FASTQ";
    case fasta_format: return "FASTA";
    case vcf: return "VCF";
    case empty_format: return "an empty file";
    default: return "of an unknown format";
    }
}

static void open_input(Pass *pass, const Options *options) {
    pass->file = sam_open("-", "r");
    if (!pass->file) broken("it cannot be read as %s", options->type);
}

static void check_format(Pass *pass, const Options *options) {
    const htsFormat *format = hts_get_format(pass->file);
    int wants_cram = strcmp(options->type, "CRAM") == 0;
    if (format->format != (wants_cram ? cram : bam))
        broken("it is %s, not %s", article_format(format), wants_cram ? "CRAM" : "BAM");
    if (!wants_cram && format->compression != bgzf) broken("its BAM records are not in BGZF blocks");
}

static void prepare_decoding(Pass *pass, const Options *options) {
    if (strcmp(options->type, "CRAM") != 0) return;
    /* Nothing but the reference given: not the internet, nor a local file that the header's UR names. */
    setenv("REF_PATH", "/nonexistent/%s", 1);
    unsetenv("REF_CACHE");
    sam_hdr_t *header = cram_fd_get_header(pass->file->fp.cram);
    for (int tid = 0; tid < sam_hdr_nref(header); tid++)
        sam_hdr_remove_tag_id(header, "SQ", "SN", sam_hdr_tid2name(header, tid), "UR");
    if (options->reference && hts_set_fai_filename(pass->file, options->reference) < 0)
        fault("the reference cannot be opened: %s", options->reference);
    /* Pinned, so that the digest does not change with htslib's defaults. */
    if (hts_set_opt(pass->file, CRAM_OPT_DECODE_MD, 1) < 0) fault("MD cannot be asked for");
}

/* After the header: bam_hdr_read looks for the file's end, which waits for ever where the decoding threads met it. */
static void start_threads(Pass *pass, const Options *options) {
    if (options->threads > 1 && hts_set_threads(pass->file, options->threads) < 0) fault("no threads could be started");
}

static void begin_index(Pass *pass, const Options *options) {
    if (!options->index || strcmp(options->type, "BAM") != 0) return;
    hts_pos_t longest = 0;
    for (int tid = 0; tid < sam_hdr_nref(pass->header); tid++)
        if (sam_hdr_tid2len(pass->header, tid) > longest) longest = sam_hdr_tid2len(pass->header, tid);
    int levels = 5;
    pass->index_format = HTS_FMT_BAI;
    if (longest > BAI_REACH) {
        pass->index_format = HTS_FMT_CSI;
        for (hts_pos_t reach = BAI_REACH; reach < longest; reach <<= 3) levels++;
    }
    pass->index = hts_idx_init(sam_hdr_nref(pass->header), pass->index_format, bgzf_tell(pass->file->fp.bgzf), 14, levels);
    if (!pass->index) fault("out of memory");
}

static void drop_index(Pass *pass) {
    if (pass->index) hts_idx_destroy(pass->index);
    pass->index = NULL;
}

/* Coordinate order: contigs as the header has them, positions within them, unplaced records last. */
static int follows(const Pass *pass, const bam1_t *record) {
    if (pass->reads == 0 || record->core.tid == pass->last_tid)
        return pass->reads == 0 || record->core.tid < 0 || record->core.pos >= pass->last_position;
    return record->core.tid < 0 || (pass->last_tid >= 0 && record->core.tid > pass->last_tid);
}

static void take_record(Pass *pass, const bam1_t *record) {
    if (pass->sorted && !follows(pass, record)) {
        pass->sorted = 0;
        drop_index(pass);
    }
    pass->last_tid = record->core.tid;
    pass->last_position = record->core.pos;
    if (pass->index && hts_idx_push(pass->index, record->core.tid, record->core.pos, bam_endpos(record),
                                    bgzf_tell(pass->file->fp.bgzf), !(record->core.flag & BAM_FUNMAP)) < 0)
        drop_index(pass);
    pass->reads++;
    pass->bases += (uint64_t)record->core.l_qseq;
    if (!(record->core.flag & BAM_FUNMAP)) pass->aligned++;
    if (record->core.tid >= 0) pass->placed[record->core.tid]++;
}

static void check_record(const Pass *pass, const bam1_t *record) {
    int contigs = sam_hdr_nref(pass->header);
    if (record->core.tid >= contigs || record->core.mtid >= contigs)
        broken("record %llu (%s) names a contig that the header lacks", (unsigned long long)pass->reads + 1,
               bam_get_qname(record));
}

/*
 * Appends the record's SAM line to the block. sam_format1 starts its string anew, so it is given the block's free
 * end as a string of its own; that must never grow, hence the bound: no field takes more than 5 characters per byte
 * of the record (an int8 array element, "-128,").
 */
static void append_line(const Pass *pass, const bam1_t *record, kstring_t *block) {
    size_t bound = (size_t)record->l_data * 6 + 2 * pass->longest_name + 256;
    if (ks_resize(block, block->l + bound) < 0) fault("out of memory");
    kstring_t line = {.l = 0, .m = block->m - block->l, .s = block->s + block->l};
    if (sam_format1(pass->header, record, &line) < 0)
        broken("record %llu (%s) cannot be written as SAM", (unsigned long long)pass->reads, bam_get_qname(record));
    line.s[line.l++] = '\n';
    block->l += line.l;
}

static void read_records(Pass *pass) {
    bam1_t *record = bam_init1();
    if (!record) fault("out of memory");
    kstring_t *block = digest_take(pass->digest);
    char last_name[256] = "";
    int status;
    while ((status = sam_read1(pass->file, pass->header, record)) >= 0) {
        check_record(pass, record);
        take_record(pass, record);
        append_line(pass, record, block);
        memcpy(last_name, bam_get_qname(record), record->core.l_qname);
        if (block->l < BLOCK_BYTES) continue;
        digest_give(pass->digest, block);
        block = digest_take(pass->digest);
    }
    digest_give(pass->digest, block);
    if (status < -1)
        broken("record %llu cannot be read%s%s: the file is truncated or damaged there",
               (unsigned long long)pass->reads + 1, pass->reads ? ", after read " : "", last_name);
    bam_destroy1(record);
}

/* A file cut between two blocks reads like a whole one: the end-of-file block (SAM specification 4.1.2) tells. */
static void check_end(Pass *pass, const Options *options) {
    int is_bgzf = pass->file->format.compression == bgzf;
    if (is_bgzf && pass->file->fp.bgzf->no_eof_block)
        broken("the file is truncated after record %llu: its BGZF end-of-file block is missing",
               (unsigned long long)pass->reads);
    if (pass->index) {
        if (hts_idx_finish(pass->index, bgzf_tell(pass->file->fp.bgzf)) < 0) fault("the index could not be finished");
        if (hts_idx_save_as(pass->index, NULL, options->index, pass->index_format) < 0)
            fault("the index could not be written: %s", options->index);
    }
    if (sam_close(pass->file) < 0)
        broken("the file is damaged near record %llu", (unsigned long long)pass->reads);
}

static void print_contigs(const Pass *pass) {
    kstring_t md5 = KS_INITIALIZE;
    const char *separator = "";
    for (int tid = 0; tid < sam_hdr_nref(pass->header); tid++) {
        if (pass->placed[tid] == 0) continue;
        const char *name = sam_hdr_tid2name(pass->header, tid);
        printf("%s{\"name\":", separator);
        json_string(stdout, name, strlen(name));
        printf(",\"length\":%lld", (long long)sam_hdr_tid2len(pass->header, tid));
        if (sam_hdr_find_tag_id(pass->header, "SQ", "SN", name, "M5", &md5) == 0 && md5.l > 0) {
            fputs(",\"md5\":", stdout);
            json_string(stdout, md5.s, md5.l);
        }
        printf(",\"reads\":%llu}", (unsigned long long)pass->placed[tid]);
        separator = ",";
    }
    ks_free(&md5);
}

static void print_facts(const Pass *pass, const char *md5) {
    printf("{\"reads\":%llu,\"bases\":%llu,\"aligned\":%llu,\"sorted\":%s", (unsigned long long)pass->reads,
           (unsigned long long)pass->bases, (unsigned long long)pass->aligned, pass->sorted ? "true" : "false");
    if (md5[0]) printf(",\"md5\":\"%s\"", md5);
    if (pass->index) printf(",\"index\":\"%s\"", pass->index_format == HTS_FMT_BAI ? "bai" : "csi");
    fputs(",\"contigs\":[", stdout);
    print_contigs(pass);
    fputs("]}\n", stdout);
}

void read_alignments(const Options *options) {
    Pass pass = {.sorted = 1};
    open_input(&pass, options);
    check_format(&pass, options);
    prepare_decoding(&pass, options);
    pass.header = sam_hdr_read(pass.file);
    if (!pass.header) broken("its header cannot be read: the file is truncated or damaged there");
    int contigs = sam_hdr_nref(pass.header);
    pass.placed = calloc((size_t)contigs + 1, sizeof *pass.placed);
    if (!pass.placed) fault("out of memory");
    for (int tid = 0; tid < contigs; tid++) {
        size_t length = strlen(sam_hdr_tid2name(pass.header, tid));
        if (length > pass.longest_name) pass.longest_name = length;
    }
    start_threads(&pass, options);
    begin_index(&pass, options);
    pass.digest = digest_start(options->text_fd);
    read_records(&pass);
    char md5[33];
    digest_finish(pass.digest, md5);
    check_end(&pass, options);
    print_facts(&pass, md5);
}
