/* One pass over a sequence file: what the three readers share. See read-pass.c for the command line. */
#ifndef READ_PASS_H
#define READ_PASS_H

#include <htslib/kstring.h>
#include <htslib/sam.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes: the input is broken (told as {"problem": ...} on stdout), or this program could not do its work. */
enum { EXIT_BROKEN_INPUT = 2, EXIT_FAULT = 3 };

/* Prints the problem as JSON and ends the program: nothing read so far may be published. */
_Noreturn void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The machine's fault, not the input's: out of memory, an unwritable index. */
_Noreturn void fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void json_string(FILE *out, const char *text, size_t length);

/*
 * Digests text on a thread of its own while the reader goes on. The reader takes a block, fills it and gives it
 * back. MD5 is computed here; where `text_fd` is not negative the text is written there instead, for a reader that
 * digests by another algorithm.
 */
typedef struct Digest Digest;
enum { BLOCK_BYTES = 1 << 20 };
Digest *digest_start(int text_fd);
kstring_t *digest_take(Digest *digest);
void digest_give(Digest *digest, kstring_t *block);
/* Waits for the last block; `hex` receives the MD5 (or ""). */
void digest_finish(Digest *digest, char hex[33]);

typedef struct {
    int threads;
    /* BAM, UBAM or CRAM. */
    const char *type;
    /* Where the index goes; NULL for none. */
    const char *index;
    /* Of bgzip FASTA: where the block index goes. */
    const char *block_index;
    /* FASTA that CRAM is decoded against. */
    const char *reference;
    /* Descriptor that receives source1's text, and the next one source2's; -1 for MD5. */
    int text_fd;
    int paired;
    /* Of the archive modes: the CRAM file that is read or written. */
    const char *input, *output;
    /* Records go into the archive as they are: it is what readers will get. */
    int plain;
} Options;

void read_alignments(const Options *options);
void read_fastq(const Options *options);
void read_fasta(const Options *options);

/* A CRAM 3.1 file of the smallest profile at `output`, against `reference` where there is one. */
samFile *create_archive(const Options *options, int has_reference);
void archive_alignments(const Options *options);
void restore_alignments(const Options *options);
void archive_fastq(const Options *options);
void restore_fastq(const Options *options);

#endif
