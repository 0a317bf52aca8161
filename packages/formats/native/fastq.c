#include "read-pass.h"
#include "name-queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { INPUT_BYTES = 1 << 18, NAME_BATCH_BYTES = 1 << 16 };

typedef struct {
    int fd;
    /* "source1: " where there are two. */
    const char *label;
    Digest *digest;
    NameQueue *names;
    int gives_names;
    /* The batch being filled (source1) or compared (source2). */
    kstring_t *batch;
    size_t batch_position;
    uint64_t reads, bases, line, compressed;
    /* An empty line was met where a record would begin: only the file's end may follow. */
    int blank;
    size_t sequence_length;
    /* Where the member being inflated began. */
    uint64_t member;
    /*
     * What is wrong with a record, "" while nothing is. Told only when its gzip member proved whole: damaged
     * compression gives damaged text long before the member's checksum says so.
     */
    char problem[512];
    /* Start of a line whose end is in the next block. */
    kstring_t partial;
    char md5[33];
} Source;

static void give_name(Source *source, const char *name, size_t length) {
    if (!source->batch && !(source->batch = queue_place(source->names))) return;
    if (kputsn(name, length, source->batch) < 0 || kputc('\0', source->batch) < 0) fault("out of memory");
    if (source->batch->l < NAME_BATCH_BYTES) return;
    queue_filled(source->names);
    source->batch = NULL;
}

/* The mate's name: equal, or unlike only in a last 1 and 2 after a separator (`read/1`, `read/2`). */
static int mates(const char *first, size_t first_length, const char *second, size_t second_length) {
    if (first_length != second_length) return 0;
    if (memcmp(first, second, first_length) == 0) return 1;
    size_t last = first_length - 1;
    return first_length > 2 && memcmp(first, second, last) == 0 && first[last] == '1' && second[last] == '2' &&
           strchr("/._:-", first[last - 1]) != NULL;
}

static void wrong(Source *source, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void wrong(Source *source, const char *format, ...) {
    if (source->problem[0]) return;
    int size = snprintf(source->problem, sizeof source->problem, "%srecord %llu (line %llu): ", source->label,
                        (unsigned long long)source->reads + 1, (unsigned long long)source->line);
    va_list values;
    va_start(values, format);
    vsnprintf(source->problem + size, sizeof source->problem - (size_t)size, format, values);
    va_end(values);
    if (source->names) queue_flag(source->names, source->gives_names ? &source->names->ended : &source->names->unwanted);
}

static void compare_name(Source *source, const char *name, size_t length) {
    if (!source->batch) {
        if (!(source->batch = queue_next(source->names))) return; /* source1 is shorter: the counts will tell */
        source->batch_position = 0;
    }
    const char *expected = source->batch->s + source->batch_position;
    size_t expected_length = strlen(expected);
    if (!mates(expected, expected_length, name, length))
        wrong(source, "source1 has read %s where source2 has read %.*s; the files are not a pair in the same order",
              expected, (int)length, name);
    source->batch_position += expected_length + 1;
    if (source->batch_position < source->batch->l) return;
    queue_used(source->names);
    source->batch = NULL;
}

static void take_name(Source *source, const char *text, size_t length) {
    if (length < 2 || text[0] != '@') {
        wrong(source, "a FASTQ record begins with @ and a name");
        return;
    }
    size_t end = 1;
    while (end < length && text[end] != ' ' && text[end] != '\t') end++;
    if (!source->names) return;
    if (source->gives_names) give_name(source, text + 1, end - 1);
    else compare_name(source, text + 1, end - 1);
}

static void take_sequence(Source *source, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char upper = text[i] & ~0x20;
        if (!(upper >= 'A' && upper <= 'Z') && text[i] != '.' && text[i] != '-' && text[i] != '*') {
            wrong(source, "character %zu of the sequence is no base", i + 1);
            return;
        }
    }
    source->sequence_length = length;
}

static void take_quality(Source *source, const char *text, size_t length) {
    if (length != source->sequence_length)
        wrong(source, "%zu quality values for %zu bases", length, source->sequence_length);
    for (size_t i = 0; i < length; i++)
        if (text[i] < '!' || text[i] > '~') {
            wrong(source, "quality value %zu is outside ! to ~", i + 1);
            return;
        }
    source->reads++;
    source->bases += length;
}

static void take_line(Source *source, const char *text, size_t length) {
    if (length > 0 && text[length - 1] == '\r') length--;
    if (length == 0 && source->line % 4 == 0) {
        source->blank = 1;
        return;
    }
    uint64_t part = source->line++ % 4;
    if (source->blank) wrong(source, "a blank line stands before it");
    if (part == 0) take_name(source, text, length);
    else if (part == 1) take_sequence(source, text, length);
    else if (part == 3) take_quality(source, text, length);
    else if (length < 1 || text[0] != '+') wrong(source, "the third line of a FASTQ record begins with +");
}

static void take_text(Source *source, const char *text, size_t length) {
    const char *end = text + length;
    while (text < end && !source->problem[0]) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t size = (size_t)((newline ? newline : end) - text);
        if (!newline || source->partial.l > 0) {
            if (kputsn(text, size, &source->partial) < 0) fault("out of memory");
            if (!newline) return;
            take_line(source, source->partial.s, source->partial.l);
            source->partial.l = 0;
        } else {
            take_line(source, text, size);
        }
        text = newline + 1;
    }
}

/* The last line may lack its newline; a record may not lack a line. */
static void end_text(Source *source) {
    if (source->partial.l > 0 && !source->problem[0]) take_line(source, source->partial.s, source->partial.l);
    ks_free(&source->partial);
    if (source->problem[0]) broken("%s", source->problem);
    if (source->line % 4 != 0)
        broken("%srecord %llu: the file ends after line %llu of the record's 4", source->label,
               (unsigned long long)source->reads + 1, (unsigned long long)(source->line % 4));
    if (source->reads == 0) broken("%sthe file holds no reads", source->label);
}

typedef enum { MORE, ENDED, TRUNCATED, DAMAGED, TRAILING } Inflation;

_Noreturn static void broken_gzip(const Source *source, uint64_t at, Inflation how, const char *detail) {
    const char *what = how == TRUNCATED ? "the file is truncated in the middle of a gzip member"
                       : how == TRAILING ? "bytes that are not gzip follow the last member"
                       : detail ? detail : "damaged data";
    broken("%scorrupt gzip at byte %llu, in the member that begins at byte %llu, near record %llu: %s", source->label,
           (unsigned long long)at, (unsigned long long)source->member, (unsigned long long)source->reads + 1, what);
}

typedef struct {
    z_stream stream;
    unsigned char input[INPUT_BYTES];
    /* Inside a member; before the first one. */
    int inside, first;
} Gunzip;

static uint64_t position(const Source *source, const Gunzip *gunzip) {
    return source->compressed - gunzip->stream.avail_in;
}

/* Waits for bytes; 0 at the end of the file. */
static int refill(Source *source, Gunzip *gunzip) {
    ssize_t size;
    while ((size = read(source->fd, gunzip->input, INPUT_BYTES)) < 0 && errno == EINTR) {}
    if (size < 0) fault("%sthe input could not be read: %s", source->label, strerror(errno));
    gunzip->stream.next_in = gunzip->input;
    gunzip->stream.avail_in = (uInt)size;
    source->compressed += (uint64_t)size;
    return size > 0;
}

/* Begins the next member (gzip files may hold many, RFC 1952 2.2), or ends: zero bytes after the last one are padding. */
static Inflation begin_member(Source *source, Gunzip *gunzip) {
    for (;;) {
        if (gunzip->stream.avail_in == 0 && !refill(source, gunzip)) return ENDED;
        if (gunzip->first || *gunzip->stream.next_in != 0) break;
        gunzip->stream.next_in++;
        gunzip->stream.avail_in--;
    }
    int is_gzip = *gunzip->stream.next_in == 0x1f;
    if (!is_gzip && gunzip->first)
        broken("%sit is not gzip: sequence stores take FASTQ compressed by gzip only", source->label);
    if (!is_gzip) return TRAILING;
    source->member = position(source, gunzip);
    if (!gunzip->first && inflateReset(&gunzip->stream) != Z_OK) fault("out of memory");
    gunzip->first = 0;
    gunzip->inside = 1;
    return MORE;
}

/* Inflates until the block is full or the member ends. */
static Inflation inflate_member(Source *source, Gunzip *gunzip) {
    z_stream *stream = &gunzip->stream;
    while (stream->avail_out > 0) {
        if (stream->avail_in == 0 && !refill(source, gunzip)) return TRUNCATED;
        int status = inflate(stream, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR) fault("out of memory");
        if (status == Z_STREAM_END) {
            gunzip->inside = 0;
            return MORE;
        }
        if (status != Z_OK && status != Z_BUF_ERROR) return DAMAGED;
    }
    return MORE;
}

/* Fills the block with text of one member or, where records are all right, of several. */
static Inflation inflate_block(Source *source, Gunzip *gunzip, kstring_t *block) {
    gunzip->stream.next_out = (unsigned char *)block->s;
    gunzip->stream.avail_out = BLOCK_BYTES;
    Inflation state = MORE;
    while (state == MORE && gunzip->stream.avail_out > 0)
        state = gunzip->inside ? inflate_member(source, gunzip) : begin_member(source, gunzip);
    block->l = BLOCK_BYTES - gunzip->stream.avail_out;
    return state;
}

static void read_members(Source *source, Gunzip *gunzip) {
    Inflation state = MORE;
    while (state == MORE) {
        kstring_t *block = digest_take(source->digest);
        state = inflate_block(source, gunzip, block);
        take_text(source, block->s, block->l);
        digest_give(source->digest, block);
        if (state != MORE && state != ENDED) broken_gzip(source, position(source, gunzip), state, gunzip->stream.msg);
        if (source->problem[0] && !gunzip->inside) broken("%s", source->problem);
    }
}

static void *read_source(void *argument) {
    Source *source = argument;
    Gunzip *gunzip = calloc(1, sizeof *gunzip);
    if (!gunzip || inflateInit2(&gunzip->stream, 15 + 16) != Z_OK) fault("out of memory");
    gunzip->first = 1;
    if (!refill(source, gunzip)) broken("%sthe file is empty", source->label);
    read_members(source, gunzip);
    end_text(source);
    inflateEnd(&gunzip->stream);
    free(gunzip);
    if (source->names && source->gives_names) {
        if (source->batch) queue_filled(source->names);
        queue_flag(source->names, &source->names->ended);
    } else if (source->names) {
        queue_flag(source->names, &source->names->unwanted);
    }
    digest_finish(source->digest, source->md5);
    return NULL;
}

static void print_source(const Source *source) {
    printf("{\"reads\":%llu,\"bases\":%llu", (unsigned long long)source->reads, (unsigned long long)source->bases);
    if (source->md5[0]) printf(",\"md5\":\"%s\"", source->md5);
    fputc('}', stdout);
}

void read_fastq(const Options *options) {
    NameQueue names = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    int paired = options->paired;
    Source sources[2] = {
        {.fd = 0, .label = paired ? "source1: " : "", .gives_names = 1, .names = paired ? &names : NULL},
        {.fd = 3, .label = "source2: ", .names = &names},
    };
    for (int i = 0; i <= paired; i++)
        sources[i].digest = digest_start(options->text_fd < 0 ? -1 : options->text_fd + i);
    pthread_t second;
    if (paired && pthread_create(&second, NULL, read_source, &sources[1]) != 0) fault("no thread could be started");
    read_source(&sources[0]);
    if (paired) pthread_join(second, NULL);
    if (paired && sources[0].reads != sources[1].reads)
        broken("the pair is of unequal length: source1 has %llu reads, source2 has %llu",
               (unsigned long long)sources[0].reads, (unsigned long long)sources[1].reads);
    fputs("{\"sources\":[", stdout);
    print_source(&sources[0]);
    if (paired) fputc(',', stdout), print_source(&sources[1]);
    fputs("]}\n", stdout);
}
