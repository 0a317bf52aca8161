/*
 * One pass over a sequence file on standard input: validates, digests, counts and indexes; facts as one JSON object
 * on standard output. And the archive's form of such files, to and fro.
 *
 *   read-pass alignments --type BAM|UBAM|CRAM [--threads N] [--index FILE] [--reference FASTA] [--text-fd FD]
 *   read-pass fastq [--paired] [--text-fd FD]        source2 of a pair on descriptor 3
 *   read-pass fasta --index FILE --block-index FILE
 *   read-pass archive-alignments --output CRAM [--reference FASTA] [--plain]
 *   read-pass restore-alignments --input CRAM [--reference FASTA]    BAM records on standard output
 *   read-pass archive-fastq --output CRAM [--paired]
 *   read-pass restore-fastq --input CRAM [--paired]                   texts on standard output and descriptor 3
 *
 * A broken input ends it with status 2 and {"problem": "..."}; nothing else it printed then counts.
 */
#include "read-pass.h"

#include <htslib/hts_log.h>
#include <htslib/hts.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t telling = PTHREAD_MUTEX_INITIALIZER;

_Noreturn void broken(const char *format, ...) {
    char message[2048];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    pthread_mutex_lock(&telling); /* kept: the first problem is the one told, then the process is gone */
    fputs("{\"problem\":", stdout);
    json_string(stdout, message, strlen(message));
    fputs("}\n", stdout);
    fflush(stdout);
    _exit(EXIT_BROKEN_INPUT);
}

_Noreturn void fault(const char *format, ...) {
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    _exit(EXIT_FAULT);
}

/* Length of the UTF-8 sequence at `text`, or 0 where there is none. */
static size_t utf8_length(const unsigned char *text, size_t left) {
    size_t length = text[0] < 0x80 ? 1 : text[0] >= 0xc2 && text[0] < 0xe0 ? 2 : text[0] >= 0xe0 && text[0] < 0xf0 ? 3 : text[0] >= 0xf0 && text[0] < 0xf5 ? 4 : 0;
    if (length > left) return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80) return 0;
    return length;
}

void json_string(FILE *out, const char *text, size_t length) {
    fputc('"', out);
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)text[i];
        size_t size = utf8_length((const unsigned char *)text + i, length - i);
        if (size == 0) fputs("\\ufffd", out);
        else if (c < 0x20 || c == 0x7f) fprintf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else fwrite(text + i, 1, size, out);
        i += size == 0 ? 1 : size;
    }
    fputc('"', out);
}

static Options parse_options(int count, char **arguments) {
    Options options = {.threads = 2, .text_fd = -1};
    for (int i = 2; i < count; i++) {
        const char *name = arguments[i];
        if (strcmp(name, "--paired") == 0) {
            options.paired = 1;
            continue;
        }
        if (strcmp(name, "--plain") == 0) {
            options.plain = 1;
            continue;
        }
        if (++i == count) fault("%s wants a value", name);
        const char *value = arguments[i];
        if (strcmp(name, "--threads") == 0) options.threads = atoi(value);
        else if (strcmp(name, "--type") == 0) options.type = value;
        else if (strcmp(name, "--index") == 0) options.index = value;
        else if (strcmp(name, "--block-index") == 0) options.block_index = value;
        else if (strcmp(name, "--reference") == 0) options.reference = value;
        else if (strcmp(name, "--input") == 0) options.input = value;
        else if (strcmp(name, "--output") == 0) options.output = value;
        else if (strcmp(name, "--text-fd") == 0) options.text_fd = atoi(value);
        else fault("no such option: %s", name);
    }
    return options;
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    hts_set_log_level(HTS_LOG_ERROR);
    const char *mode = count > 1 ? arguments[1] : "";
    Options options = parse_options(count, arguments);
    if (strcmp(mode, "alignments") == 0 && options.type) read_alignments(&options);
    else if (strcmp(mode, "fastq") == 0) read_fastq(&options);
    else if (strcmp(mode, "fasta") == 0) read_fasta(&options);
    else if (strcmp(mode, "archive-alignments") == 0 && options.output) archive_alignments(&options);
    else if (strcmp(mode, "restore-alignments") == 0 && options.input) restore_alignments(&options);
    else if (strcmp(mode, "archive-fastq") == 0 && options.output) archive_fastq(&options);
    else if (strcmp(mode, "restore-fastq") == 0 && options.input) restore_fastq(&options);
    else fault("usage: see the head of read-pass.c");
    if (fflush(stdout) != 0) fault("the facts could not be written");
    return 0;
}
