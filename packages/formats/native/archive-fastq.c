/*
 * The archive's form of FASTQ: unaligned CRAM 3.1, a pair's reads one after the other. What a BAM record has no place
 * for is kept in tags: what follows the name (`co`, with the separator), and a second name that is unlike the first (`qn`).
 */
#include "read-pass.h"

#include <htslib/bgzf.h>
#include <htslib/kseq.h>
#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LONGEST_NAME = 250, READ_BYTES = 1 << 16 };

typedef struct {
    gzFile file;
    char buffer[READ_BYTES];
    int length, position;
    kstring_t lines[4];
} Reader;

/* One line without its newline; 0 at the end of the file. The form is exact: nothing may be lost that is no base. */
static int read_line(Reader *reader, kstring_t *line) {
    line->l = 0;
    for (;;) {
        if (reader->position == reader->length) {
            reader->length = gzread(reader->file, reader->buffer, READ_BYTES);
            reader->position = 0;
            if (reader->length < 0) broken("it cannot be inflated");
            if (reader->length == 0 && line->l > 0) broken("its last line has no newline");
            if (reader->length == 0) return 0;
        }
        char *start = reader->buffer + reader->position;
        size_t left = (size_t)(reader->length - reader->position);
        char *newline = memchr(start, '\n', left);
        size_t size = newline ? (size_t)(newline - start) : left;
        if (kputsn(start, size, line) < 0) fault("out of memory");
        reader->position += (int)size + (newline != NULL);
        if (newline) return 1;
    }
}

static int read_record(Reader *reader) {
    if (!read_line(reader, &reader->lines[0])) return 0;
    for (int i = 1; i < 4; i++)
        if (!read_line(reader, &reader->lines[i])) broken("it ends within a record");
    kstring_t *lines = reader->lines;
    if (lines[0].l < 2 || lines[0].s[0] != '@') broken("a record does not begin with a name");
    if (lines[2].l != 1 || lines[2].s[0] != '+') broken("a third line has more than +");
    if (lines[1].l == 0 || lines[1].l != lines[3].l) broken("a record has no bases, or other qualities than bases");
    for (size_t i = 0; i < lines[1].l; i++)
        if (seq_nt16_str[seq_nt16_table[(unsigned char)lines[1].s[i]]] != lines[1].s[i]) broken("a base is not in BAM's alphabet");
    return 1;
}

static size_t name_length(const kstring_t *line) {
    size_t end = 1;
    while (end < line->l && line->s[end] != ' ' && line->s[end] != '\t') end++;
    return end - 1;
}

static void append_text(bam1_t *record, const char tag[2], const char *text, size_t length) {
    char *copy = strndup(text, length);
    if (!copy || bam_aux_append(record, tag, 'Z', (int)length + 1, (const uint8_t *)copy) < 0) fault("out of memory");
    free(copy);
}

static void write_record(samFile *out, sam_hdr_t *header, bam1_t *record, Reader *reader, uint16_t flag, const kstring_t *named) {
    kstring_t *lines = reader->lines;
    size_t length = name_length(&lines[0]), shared = name_length(named);
    if (length > LONGEST_NAME || length == 0) broken("a name is longer than BAM's");
    if (memchr(lines[0].s, '\0', lines[0].l)) broken("a name holds a NUL");
    char *quality = lines[3].s;
    for (size_t i = 0; i < lines[3].l; i++) quality[i] -= 33;
    /* htslib counts the name without its NUL here. */
    if (bam_set1(record, shared, named->s + 1, flag, -1, -1, 0, 0, NULL, -1, -1, 0, lines[1].l, lines[1].s, quality, 512) < 0)
        fault("out of memory");
    if (length != shared || memcmp(lines[0].s + 1, named->s + 1, length) != 0)
        append_text(record, "qn", lines[0].s + 1, length);
    if (lines[0].l > length + 1) append_text(record, "co", lines[0].s + 1 + length, lines[0].l - length - 1);
    if (sam_write1(out, header, record) < 0) broken("a record cannot be written as CRAM");
}

void archive_fastq(const Options *options) {
    static Reader readers[2];
    int sources = options->paired ? 2 : 1;
    readers[0].file = gzdopen(0, "r");
    if (options->paired) readers[1].file = gzdopen(3, "r");
    sam_hdr_t *header = sam_hdr_init();
    samFile *out = create_archive(options, 0);
    if (!header || sam_hdr_add_lines(header, "@HD\tVN:1.6\tSO:unsorted\n", 0) < 0 || sam_hdr_write(out, header) < 0)
        fault("the archive cannot be written");
    bam1_t *record = bam_init1();
    while (read_record(&readers[0])) {
        if (options->paired && !read_record(&readers[1])) broken("its pair is shorter");
        for (int i = 0; i < sources; i++) {
            uint16_t flag = sources == 1 ? BAM_FUNMAP
                                         : BAM_FPAIRED | BAM_FUNMAP | BAM_FMUNMAP | (i == 0 ? BAM_FREAD1 : BAM_FREAD2);
            write_record(out, header, record, &readers[i], flag, &readers[0].lines[0]);
        }
    }
    if (sam_close(out) < 0) broken("the archive cannot be finished");
    bam_destroy1(record);
    fputs("{}\n", stdout);
}

static void format_record(const bam1_t *record, kstring_t *text) {
    const uint8_t *name = bam_aux_get(record, "qn"), *comment = bam_aux_get(record, "co");
    text->l = 0;
    kputc('@', text);
    kputs(name ? (const char *)name + 1 : bam_get_qname(record), text);
    if (comment) kputs((const char *)comment + 1, text);
    kputc('\n', text);
    const uint8_t *bases = bam_get_seq(record), *quality = bam_get_qual(record);
    size_t length = (size_t)record->core.l_qseq;
    if (ks_resize(text, text->l + 2 * length + 8) < 0) fault("out of memory");
    for (size_t i = 0; i < length; i++) text->s[text->l++] = seq_nt16_str[bam_seqi(bases, i)];
    kputs("\n+\n", text);
    for (size_t i = 0; i < length; i++) text->s[text->l++] = (char)(quality[i] + 33);
    kputc('\n', text);
}

/* Each source's text in BGZF blocks: on standard output, and a second one on descriptor 3. */
void restore_fastq(const Options *options) {
    samFile *in = sam_open(options->input, "r");
    sam_hdr_t *header = in ? sam_hdr_read(in) : NULL;
    if (!header) broken("the archive cannot be read: %s", options->input);
    BGZF *out[2] = {bgzf_dopen(1, "w"), options->paired ? bgzf_dopen(3, "w") : NULL};
    for (int i = 0; i <= options->paired; i++)
        if (!out[i] || bgzf_mt(out[i], options->threads, 64) < 0) fault("the output cannot be written");
    bam1_t *record = bam_init1();
    kstring_t text = KS_INITIALIZE;
    int status;
    while ((status = sam_read1(in, header, record)) >= 0) {
        format_record(record, &text);
        int second = options->paired && (record->core.flag & BAM_FREAD2);
        if (bgzf_write(out[second], text.s, text.l) < 0) fault("the output cannot be written");
    }
    if (status < -1) broken("the archive cannot be read to its end");
    for (int i = 0; i <= options->paired; i++)
        if (bgzf_close(out[i]) < 0) fault("the output cannot be finished");
    sam_close(in);
}
