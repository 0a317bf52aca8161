#include "read-pass.h"
#include "md5.h"

#include <ctype.h>
#include <errno.h>
#include <htslib/bgzf.h>
#include <htslib/hts.h>
#include <htslib/khash_str2int.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *name;
    /* As a .fai line has them: bases, offset of the first base, bases and bytes of a full line. */
    uint64_t length, offset, line_bases, line_bytes;
    char md5[33];
} Contig;

typedef struct {
    Contig *contigs;
    size_t count, capacity;
    void *seen;
    Md5 md5;
    uint64_t line, position;
    /* A shorter line was seen: only the contig's last one may be that. */
    int short_line;
    kstring_t upper;
} Pass;

static void end_contig(Pass *pass) {
    if (pass->count == 0) return;
    Contig *contig = &pass->contigs[pass->count - 1];
    if (contig->length == 0) broken("contig %s (before line %llu) has no bases", contig->name, (unsigned long long)pass->line + 1);
    md5_end(&pass->md5, contig->md5);
}

static void begin_contig(Pass *pass, const char *text, size_t length) {
    end_contig(pass);
    size_t start = 1, end;
    while (start < length && isspace((unsigned char)text[start])) start++;
    for (end = start; end < length && !isspace((unsigned char)text[end]);) end++;
    if (end == start) broken("line %llu: a contig without a name", (unsigned long long)pass->line);
    if (pass->count == pass->capacity) {
        pass->capacity = pass->capacity ? pass->capacity * 2 : 64;
        pass->contigs = realloc(pass->contigs, pass->capacity * sizeof *pass->contigs);
        if (!pass->contigs) fault("out of memory");
    }
    Contig *contig = &pass->contigs[pass->count++];
    *contig = (Contig){.name = strndup(text + start, end - start), .offset = pass->position};
    if (!contig->name) fault("out of memory");
    if (khash_str2int_has_key(pass->seen, contig->name))
        broken("line %llu: contig %s is there twice", (unsigned long long)pass->line, contig->name);
    khash_str2int_inc(pass->seen, contig->name);
    md5_begin(&pass->md5);
    pass->short_line = 0;
}

/* Upper case, as the M5 tag wants it (SAM specification 1.3.2); the line's characters checked on the way. */
static void digest_bases(Pass *pass, const char *text, size_t length) {
    if (ks_resize(&pass->upper, length + 1) < 0) fault("out of memory");
    for (size_t i = 0; i < length; i++) {
        char c = (char)toupper((unsigned char)text[i]);
        if (!(c >= 'A' && c <= 'Z') && c != '*' && c != '-')
            broken("line %llu: character %zu of contig %s is no base", (unsigned long long)pass->line, i + 1,
                   pass->contigs[pass->count - 1].name);
        pass->upper.s[i] = c;
    }
    md5_update(&pass->md5, pass->upper.s, length);
}

static void take_bases(Pass *pass, const char *text, size_t length, size_t bytes) {
    if (pass->count == 0) broken("line %llu: a FASTA file begins with > and a name", (unsigned long long)pass->line);
    Contig *contig = &pass->contigs[pass->count - 1];
    if (contig->length == 0 && length > 0) {
        contig->line_bases = length;
        contig->line_bytes = bytes;
    } else if (length > 0 && (pass->short_line || length > contig->line_bases)) {
        broken("line %llu: contig %s has lines of different lengths, which cannot be indexed; reformat it with a fixed line length",
               (unsigned long long)pass->line, contig->name);
    }
    if (length < contig->line_bases || bytes != contig->line_bytes) pass->short_line = 1;
    contig->length += length;
    digest_bases(pass, text, length);
}

static void take_line(Pass *pass, const char *text, size_t length, int has_newline) {
    pass->line++;
    pass->position += length + (has_newline ? 1 : 0);
    size_t bytes = length + 1;
    if (length > 0 && text[length - 1] == '\r') length--;
    if (length > 0 && text[0] == '>') begin_contig(pass, text, length);
    else take_bases(pass, text, length, bytes);
}

static BGZF *open_input(const Options *options) {
    BGZF *file = bgzf_dopen(0, "r");
    if (!file) broken("the file is empty");
    int compression = bgzf_compression(file);
    if (compression == 1)
        broken("it is compressed by gzip, which cannot be indexed: recompress it with bgzip, or leave it plain");
    if (compression == 2 && options->block_index && bgzf_index_build_init(file) < 0) fault("out of memory");
    return file;
}

static void read_lines(Pass *pass, BGZF *file) {
    char *buffer = malloc(BLOCK_BYTES);
    kstring_t partial = KS_INITIALIZE;
    if (!buffer) fault("out of memory");
    ssize_t size;
    while ((size = bgzf_read(file, buffer, BLOCK_BYTES)) > 0) {
        const char *text = buffer, *end = buffer + size;
        while (text < end) {
            const char *newline = memchr(text, '\n', (size_t)(end - text));
            size_t length = (size_t)((newline ? newline : end) - text);
            if ((!newline || partial.l > 0) && kputsn(text, length, &partial) < 0) fault("out of memory");
            if (!newline) break;
            if (partial.l > 0) take_line(pass, partial.s, partial.l, 1);
            else take_line(pass, text, length, 1);
            partial.l = 0;
            text = newline + 1;
        }
    }
    if (size < 0) broken("the file is truncated or damaged after line %llu", (unsigned long long)pass->line);
    if (partial.l > 0) take_line(pass, partial.s, partial.l, 0);
    ks_free(&partial);
    free(buffer);
}

static void write_index(const Pass *pass, const char *path) {
    FILE *out = fopen(path, "w");
    if (!out) fault("the index could not be written: %s: %s", path, strerror(errno));
    for (size_t i = 0; i < pass->count; i++) {
        const Contig *contig = &pass->contigs[i];
        fprintf(out, "%s\t%llu\t%llu\t%llu\t%llu\n", contig->name, (unsigned long long)contig->length,
                (unsigned long long)contig->offset, (unsigned long long)contig->line_bases,
                (unsigned long long)contig->line_bytes);
    }
    if (fclose(out) != 0) fault("the index could not be written: %s: %s", path, strerror(errno));
}

static void print_facts(const Pass *pass, int is_bgzip) {
    printf("{\"bgzip\":%s,\"contigs\":[", is_bgzip ? "true" : "false");
    for (size_t i = 0; i < pass->count; i++) {
        printf("%s{\"name\":", i ? "," : "");
        json_string(stdout, pass->contigs[i].name, strlen(pass->contigs[i].name));
        printf(",\"length\":%llu,\"md5\":\"%s\"}", (unsigned long long)pass->contigs[i].length, pass->contigs[i].md5);
    }
    fputs("]}\n", stdout);
}

void read_fasta(const Options *options) {
    Pass pass = {.seen = khash_str2int_init()};
    if (!pass.seen) fault("out of memory");
    BGZF *file = open_input(options);
    int is_bgzip = bgzf_compression(file) == 2;
    read_lines(&pass, file);
    end_contig(&pass);
    if (pass.count == 0) broken("the file holds no contigs");
    if (is_bgzip && file->no_eof_block)
        broken("the file is truncated after line %llu: its BGZF end-of-file block is missing", (unsigned long long)pass.line);
    if (is_bgzip && options->block_index && bgzf_index_dump(file, options->block_index, NULL) < 0)
        fault("the block index could not be written: %s", options->block_index);
    if (bgzf_close(file) < 0) broken("the file is damaged near line %llu", (unsigned long long)pass.line);
    if (options->index) write_index(&pass, options->index);
    print_facts(&pass, is_bgzip);
}
