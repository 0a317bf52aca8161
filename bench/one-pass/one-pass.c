/*
 * What one pass over a sorted BAM costs in C with htslib and nothing else: decoding (two threads), the text of its
 * records, their MD5 (a thread of its own), counts and the index. Prints reads, bases and the MD5, which is that of
 * `samtools view | md5sum`; the index goes to the second file.
 *
 *   one-pass FILE.bam INDEX.bai
 */
#include <htslib/bgzf.h>
#include <htslib/hts.h>
#include <htslib/kstring.h>
#include <htslib/sam.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define BUFFER (4 << 20)

static kstring_t texts[2]; /* one is digested while the other is filled */
static int full[2], ended;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void fail(const char *what) {
    fprintf(stderr, "one-pass: %s\n", what);
    exit(1);
}

static void *digest(void *context) {
    for (int at = 0;; at ^= 1) {
        pthread_mutex_lock(&lock);
        while (!full[at] && !ended) pthread_cond_wait(&changed, &lock);
        int is_last = !full[at];
        pthread_mutex_unlock(&lock);
        if (is_last) return NULL;
        EVP_DigestUpdate(context, texts[at].s, texts[at].l);
        pthread_mutex_lock(&lock);
        texts[at].l = 0;
        full[at] = 0;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
}

/* The buffer at `at` goes to the digest; answers the other one once it is free. */
static int hand_over(int at) {
    pthread_mutex_lock(&lock);
    full[at] = 1;
    pthread_cond_broadcast(&changed);
    while (full[at ^ 1]) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return at ^ 1;
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage: one-pass FILE.bam INDEX.bai");
    samFile *file = sam_open(arguments[1], "r");
    if (!file || hts_set_threads(file, 2) < 0) fail("the file cannot be opened");
    sam_hdr_t *header = sam_hdr_read(file);
    if (!header) fail("the header cannot be read");
    BGZF *blocks = file->fp.bgzf;
    hts_idx_t *index = hts_idx_init(sam_hdr_nref(header), HTS_FMT_BAI, bgzf_tell(blocks), 14, 5);
    bam1_t *record = bam_init1();
    EVP_MD_CTX *md5 = EVP_MD_CTX_new();
    if (!index || !record || !md5 || !EVP_DigestInit_ex(md5, EVP_md5(), NULL)) fail("no memory");
    pthread_t digester;
    if (pthread_create(&digester, NULL, digest, md5) != 0) fail("no thread");
    uint64_t reads = 0, bases = 0;
    int at = 0, read;
    kstring_t line = KS_INITIALIZE;
    while ((read = sam_read1(file, header, record)) >= 0) {
        const bam1_core_t *core = &record->core;
        if (hts_idx_push(index, core->tid, core->pos, bam_endpos(record), bgzf_tell(blocks), !(core->flag & BAM_FUNMAP)) < 0)
            fail("the file is not sorted");
        if (sam_format1(header, record, &line) < 0 || kputc('\n', &line) < 0) fail("no memory");
        if (kputsn(line.s, line.l, &texts[at]) < 0) fail("no memory");
        if (texts[at].l >= BUFFER) at = hand_over(at);
        reads++;
        bases += core->l_qseq;
    }
    if (read < -1) fail("the file is truncated");
    if (texts[at].l > 0) hand_over(at);
    pthread_mutex_lock(&lock);
    ended = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(digester, NULL);
    if (hts_idx_finish(index, bgzf_tell(blocks)) < 0) fail("the index cannot be made");
    if (hts_idx_save_as(index, arguments[1], arguments[2], HTS_FMT_BAI) < 0) fail("the index cannot be written");
    unsigned char bytes[EVP_MAX_MD_SIZE];
    EVP_DigestFinal_ex(md5, bytes, NULL);
    printf("%lu %lu ", (unsigned long)reads, (unsigned long)bases);
    for (int i = 0; i < 16; i++) printf("%02x", bytes[i]);
    printf("\n");
    return 0;
}
