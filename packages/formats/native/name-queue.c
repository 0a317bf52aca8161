#include "name-queue.h"

kstring_t *queue_place(NameQueue *queue) {
    pthread_mutex_lock(&queue->lock);
    while (queue->filled - queue->used == NAME_BATCHES && !queue->unwanted) pthread_cond_wait(&queue->changed, &queue->lock);
    kstring_t *batch = queue->unwanted ? NULL : &queue->batches[queue->filled % NAME_BATCHES];
    pthread_mutex_unlock(&queue->lock);
    if (batch) batch->l = 0;
    return batch;
}

void queue_filled(NameQueue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->filled++;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

kstring_t *queue_next(NameQueue *queue) {
    pthread_mutex_lock(&queue->lock);
    while (queue->filled == queue->used && !queue->ended) pthread_cond_wait(&queue->changed, &queue->lock);
    kstring_t *batch = queue->filled == queue->used ? NULL : &queue->batches[queue->used % NAME_BATCHES];
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

void queue_used(NameQueue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->used++;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

void queue_flag(NameQueue *queue, int *flag) {
    pthread_mutex_lock(&queue->lock);
    *flag = 1;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}
