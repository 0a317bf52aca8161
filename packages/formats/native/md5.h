#ifndef MD5_H
#define MD5_H

#include <stddef.h>
#include <stdint.h>

/* MD5 (RFC 1321). */
typedef struct {
    uint32_t state[4];
    uint64_t length;
    unsigned char rest[64];
} Md5;

void md5_begin(Md5 *md5);
void md5_update(Md5 *md5, const void *bytes, size_t length);
/* Lower-case hexadecimal with its zero. */
void md5_end(Md5 *md5, char hex[33]);

#endif
