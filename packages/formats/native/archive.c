/*
 * The archive's form of alignments: CRAM 3.1, whose records are given back as SAM text exactly as they came. CRAM
 * itself moves a read group to the end of the tags, and derives MD and NM from the reference for every read, whether
 * it had them or not. So each record carries the order of its tags in one more tag, `zo`, which is the same for
 * most records and costs next to nothing.
 */
#include "read-pass.h"

#include <htslib/bgzf.h>
#include <htslib/cram.h>
#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>

static const char ORDER_TAG[] = "zo";

static void local_references_only(void) {
    /* Nothing but the reference given: htslib must not ask the internet for another one. */
    setenv("REF_PATH", "/nonexistent/%s", 1);
    unsetenv("REF_CACHE");
}

samFile *create_archive(const Options *options, int has_reference) {
    samFile *file = sam_open(options->output, "wc");
    if (!file) fault("the archive cannot be written: %s", options->output);
    if (hts_set_opt(file, CRAM_OPT_VERSION, "3.1") < 0 || hts_set_opt(file, HTS_OPT_PROFILE, HTS_PROFILE_ARCHIVE) < 0)
        fault("this htslib cannot write CRAM 3.1");
    if (!has_reference && hts_set_opt(file, CRAM_OPT_NO_REF, 1) < 0) fault("CRAM without a reference cannot be asked for");
    if (has_reference && hts_set_fai_filename(file, options->reference) < 0)
        fault("the reference cannot be opened: %s", options->reference);
    if (options->threads > 1 && hts_set_threads(file, options->threads) < 0) fault("no threads could be started");
    return file;
}

/* Bytes of a value of this type: one of an array's elements, or 0 for text. */
static size_t value_size(char type) {
    switch (type) {
    case 'A': case 'c': case 'C': return 1;
    case 's': case 'S': return 2;
    case 'i': case 'I': case 'f': return 4;
    default: return 0;
    }
}

/* Where the tag that begins at `tag` ends (SAM specification 4.2.4), or NULL where the record is broken. */
static const uint8_t *tag_end(const uint8_t *tag, const uint8_t *end) {
    if (end - tag < 4) return NULL;
    const uint8_t *value = tag + 3;
    char type = (char)tag[2];
    if (type == 'Z' || type == 'H') {
        const uint8_t *stop = memchr(value, '\0', (size_t)(end - value));
        return stop ? stop + 1 : NULL;
    }
    if (type == 'B') {
        if (end - value < 5) return NULL;
        uint32_t count;
        memcpy(&count, value + 1, sizeof count);
        size_t element = value_size((char)value[0]);
        return element > 0 && count <= (size_t)(end - value - 5) / element ? value + 5 + count * element : NULL;
    }
    size_t size = value_size(type);
    return size > 0 && (size_t)(end - value) >= size ? value + size : NULL;
}

/* Appends the names of the record's tags, in their order, as a tag. */
static void remember_order(bam1_t *record, kstring_t *order) {
    order->l = 0;
    const uint8_t *end = record->data + record->l_data;
    for (const uint8_t *tag = bam_get_aux(record); tag && tag < end; tag = tag_end(tag, end)) {
        if (memcmp(tag, ORDER_TAG, 2) == 0) broken("a record has the tag %s already", ORDER_TAG);
        if (!tag_end(tag, end)) broken("a record's tags are broken");
        if (kputsn((const char *)tag, 2, order) < 0) fault("out of memory");
    }
    if (kputc('\0', order) < 0) fault("out of memory");
    if (bam_aux_append(record, ORDER_TAG, 'Z', (int)order->l, (const uint8_t *)order->s) < 0) fault("out of memory");
}

/* Puts the tags back as they were: in their order, and without those that CRAM added. */
static void restore_order(bam1_t *record, kstring_t *tags) {
    const uint8_t *order = bam_aux_get(record, ORDER_TAG);
    if (!order || *order != 'Z') broken("a record of the archive lacks the order of its tags");
    const uint8_t *end = record->data + record->l_data;
    tags->l = 0;
    for (const char *name = (const char *)order + 1; name[0]; name += 2) {
        const uint8_t *value = bam_aux_get(record, name);
        if (!value) broken("a record of the archive lacks its tag %.2s", name);
        const uint8_t *tag = value - 2;
        if (kputsn((const char *)tag, (size_t)(tag_end(tag, end) - tag), tags) < 0) fault("out of memory");
    }
    size_t before = (size_t)(bam_get_aux(record) - record->data);
    if (tags->l > 0) memcpy(record->data + before, tags->s, tags->l);
    record->l_data = (int)(before + tags->l);
}

void archive_alignments(const Options *options) {
    local_references_only();
    samFile *in = sam_open("-", "r");
    if (!in) broken("it cannot be read");
    if (in->format.format == cram && options->reference && hts_set_fai_filename(in, options->reference) < 0)
        fault("the reference cannot be opened: %s", options->reference);
    sam_hdr_t *header = sam_hdr_read(in);
    if (!header) broken("its header cannot be read");
    samFile *out = create_archive(options, options->reference != NULL);
    if (sam_hdr_write(out, header) < 0) broken("its header cannot be written as CRAM");
    bam1_t *record = bam_init1();
    kstring_t order = KS_INITIALIZE;
    int status;
    while ((status = sam_read1(in, header, record)) >= 0) {
        if (!options->plain) remember_order(record, &order);
        if (sam_write1(out, header, record) < 0) broken("record %s cannot be written as CRAM", bam_get_qname(record));
    }
    if (status < -1) broken("it cannot be read to its end");
    if (sam_close(out) < 0) broken("the archive cannot be finished");
    if (sam_close(in) < 0) broken("it is damaged");
    bam_destroy1(record);
    ks_free(&order);
    fputs("{}\n", stdout);
}

/* BAM records in BGZF blocks, without the header that the caller has kept. */
void restore_alignments(const Options *options) {
    local_references_only();
    samFile *in = sam_open(options->input, "r");
    if (!in) broken("the archive cannot be read: %s", options->input);
    if (options->reference && hts_set_fai_filename(in, options->reference) < 0)
        fault("the reference cannot be opened: %s", options->reference);
    if (hts_set_opt(in, CRAM_OPT_DECODE_MD, 1) < 0) fault("MD cannot be asked for");
    sam_hdr_t *header = sam_hdr_read(in);
    if (!header) broken("the archive's header cannot be read");
    BGZF *out = bgzf_dopen(1, "w");
    if (!out || bgzf_mt(out, options->threads, 64) < 0) fault("the output cannot be written");
    bam1_t *record = bam_init1();
    kstring_t tags = KS_INITIALIZE;
    int status;
    while ((status = sam_read1(in, header, record)) >= 0) {
        restore_order(record, &tags);
        if (bam_write1(out, record) < 0) fault("the output cannot be written");
    }
    if (status < -1) broken("the archive cannot be read to its end");
    if (bgzf_close(out) < 0) fault("the output cannot be finished");
    sam_close(in);
}
