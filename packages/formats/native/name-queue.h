#ifndef NAME_QUEUE_H
#define NAME_QUEUE_H

#include <htslib/kstring.h>
#include <pthread.h>
#include <stdint.h>

enum { NAME_BATCHES = 8 };

/* Names of source1 on their way to source2's thread, in batches of zero-ended strings. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    kstring_t batches[NAME_BATCHES];
    uint64_t filled, used;
    /* No more names will come; nobody wants any more. */
    int ended, unwanted;
} NameQueue;

/* An empty batch to fill; NULL where nobody wants names any more. */
kstring_t *queue_place(NameQueue *queue);
void queue_filled(NameQueue *queue);
/* The next filled batch; NULL after the last one. */
kstring_t *queue_next(NameQueue *queue);
void queue_used(NameQueue *queue);
/* Sets `ended` or `unwanted` and wakes the other side. */
void queue_flag(NameQueue *queue, int *flag);

#endif
