#include "read-pass.h"
#include "md5.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCKS = 6 };

struct Digest {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    kstring_t blocks[BLOCKS];
    /* Blocks taken, given and digested since the start; block i lies at i % BLOCKS. */
    uint64_t taken, given, digested;
    int finished;
    int text_fd;
    Md5 md5;
};

static void write_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fault("the text could not be written: %s", strerror(errno));
        bytes += written;
        length -= (size_t)written;
    }
}

static void *digest_blocks(void *argument) {
    Digest *digest = argument;
    pthread_mutex_lock(&digest->lock);
    for (;;) {
        while (digest->digested == digest->given && !digest->finished) pthread_cond_wait(&digest->changed, &digest->lock);
        if (digest->digested == digest->given) break;
        kstring_t *block = &digest->blocks[digest->digested % BLOCKS];
        pthread_mutex_unlock(&digest->lock);
        if (digest->text_fd >= 0) write_all(digest->text_fd, block->s, block->l);
        else md5_update(&digest->md5, block->s, block->l);
        pthread_mutex_lock(&digest->lock);
        digest->digested++;
        pthread_cond_broadcast(&digest->changed);
    }
    pthread_mutex_unlock(&digest->lock);
    return NULL;
}

Digest *digest_start(int text_fd) {
    Digest *digest = calloc(1, sizeof *digest);
    if (!digest) fault("out of memory");
    md5_begin(&digest->md5);
    digest->text_fd = text_fd;
    pthread_mutex_init(&digest->lock, NULL);
    pthread_cond_init(&digest->changed, NULL);
    for (int i = 0; i < BLOCKS; i++)
        if (ks_resize(&digest->blocks[i], BLOCK_BYTES + (1 << 16)) < 0) fault("out of memory");
    if (pthread_create(&digest->thread, NULL, digest_blocks, digest) != 0) fault("no thread could be started");
    return digest;
}

kstring_t *digest_take(Digest *digest) {
    pthread_mutex_lock(&digest->lock);
    while (digest->taken - digest->digested == BLOCKS) pthread_cond_wait(&digest->changed, &digest->lock);
    kstring_t *block = &digest->blocks[digest->taken++ % BLOCKS];
    pthread_mutex_unlock(&digest->lock);
    block->l = 0;
    return block;
}

void digest_give(Digest *digest, kstring_t *block) {
    (void)block; /* blocks are given in the order they were taken */
    pthread_mutex_lock(&digest->lock);
    digest->given++;
    pthread_cond_broadcast(&digest->changed);
    pthread_mutex_unlock(&digest->lock);
}

void digest_finish(Digest *digest, char hex[33]) {
    pthread_mutex_lock(&digest->lock);
    digest->finished = 1;
    pthread_cond_broadcast(&digest->changed);
    pthread_mutex_unlock(&digest->lock);
    pthread_join(digest->thread, NULL);
    hex[0] = '\0';
    if (digest->text_fd < 0) md5_end(&digest->md5, hex);
    for (int i = 0; i < BLOCKS; i++) free(digest->blocks[i].s);
    free(digest);
}
