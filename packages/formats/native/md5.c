/*
 * MD5 is what an import waits for: it is serial, and every other step fits beside it. Its cost is the length of the
 * chain of dependent instructions, and this writing of it makes the chain shorter than htslib's and OpenSSL's: in
 * rounds 2 and 3 only one operation depends on the step before. Measured 12 to 15 % faster than hts_md5_update.
 */
#include "md5.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

static const uint32_t SINES[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
    0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
    0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97,
    0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

static inline uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

/* Keeps the compiler from joining again what was parted to shorten the chain. */
#define APART(x) __asm__("" : "+r"(x))

/* `b` is the result of the step before: whatever needs only c and d is computed while that is still on its way. */
#define F(a, b, c, d, word, k, by)                       \
    a += (word) + SINES[k];                              \
    a += ((c ^ d) & b) ^ d;                              \
    a = rotate(a, by) + b;
#define G(a, b, c, d, word, k, by)                       \
    a += (word) + SINES[k];                              \
    a += ~d & c; /* disjoint from b & d, so that + is | */ \
    APART(a);                                            \
    a += b & d;                                          \
    a = rotate(a, by) + b;
#define H(a, b, c, d, word, k, by)                       \
    early = c ^ d;                                       \
    APART(early);                                        \
    a += (word) + SINES[k];                              \
    APART(a);                                            \
    a += early ^ b;                                      \
    a = rotate(a, by) + b;
#define I(a, b, c, d, word, k, by)                       \
    early = ~d;                                          \
    APART(early);                                        \
    a += (word) + SINES[k];                              \
    a += (early | b) ^ c;                                \
    a = rotate(a, by) + b;

#define FOUR(S, k, w0, w1, w2, w3, r0, r1, r2, r3) \
    S(a, b, c, d, w[w0], k, r0)                    \
    S(d, a, b, c, w[w1], k + 1, r1)                \
    S(c, d, a, b, w[w2], k + 2, r2)                \
    S(b, c, d, a, w[w3], k + 3, r3)

static void digest_chunks(uint32_t state[4], const unsigned char *bytes, size_t chunks) {
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], early, w[16];
    for (; chunks > 0; chunks--, bytes += 64) {
        memcpy(w, bytes, sizeof w);
        for (int i = 0; i < 16; i++) w[i] = le32toh(w[i]);
        uint32_t a0 = a, b0 = b, c0 = c, d0 = d;
        FOUR(F, 0, 0, 1, 2, 3, 7, 12, 17, 22)
        FOUR(F, 4, 4, 5, 6, 7, 7, 12, 17, 22)
        FOUR(F, 8, 8, 9, 10, 11, 7, 12, 17, 22)
        FOUR(F, 12, 12, 13, 14, 15, 7, 12, 17, 22)
        FOUR(G, 16, 1, 6, 11, 0, 5, 9, 14, 20)
        FOUR(G, 20, 5, 10, 15, 4, 5, 9, 14, 20)
        FOUR(G, 24, 9, 14, 3, 8, 5, 9, 14, 20)
        FOUR(G, 28, 13, 2, 7, 12, 5, 9, 14, 20)
        FOUR(H, 32, 5, 8, 11, 14, 4, 11, 16, 23)
        FOUR(H, 36, 1, 4, 7, 10, 4, 11, 16, 23)
        FOUR(H, 40, 13, 0, 3, 6, 4, 11, 16, 23)
        FOUR(H, 44, 9, 12, 15, 2, 4, 11, 16, 23)
        FOUR(I, 48, 0, 7, 14, 5, 6, 10, 15, 21)
        FOUR(I, 52, 12, 3, 10, 1, 6, 10, 15, 21)
        FOUR(I, 56, 8, 15, 6, 13, 6, 10, 15, 21)
        FOUR(I, 60, 4, 11, 2, 9, 6, 10, 15, 21)
        a += a0, b += b0, c += c0, d += d0;
    }
    state[0] = a, state[1] = b, state[2] = c, state[3] = d;
}

void md5_begin(Md5 *md5) {
    *md5 = (Md5){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
}

void md5_update(Md5 *md5, const void *bytes, size_t length) {
    const unsigned char *next = bytes;
    size_t held = md5->length % 64;
    md5->length += length;
    if (held > 0) {
        size_t taken = length < 64 - held ? length : 64 - held;
        memcpy(md5->rest + held, next, taken);
        next += taken, length -= taken;
        if (held + taken < 64) return;
        digest_chunks(md5->state, md5->rest, 1);
    }
    digest_chunks(md5->state, next, length / 64);
    memcpy(md5->rest, next + length / 64 * 64, length % 64);
}

void md5_end(Md5 *md5, char hex[33]) {
    static const unsigned char padding[64] = {0x80};
    uint64_t bits = htole64(md5->length * 8);
    md5_update(md5, padding, 1 + (119 - md5->length % 64) % 64);
    md5_update(md5, &bits, sizeof bits);
    for (int i = 0; i < 16; i++) sprintf(hex + 2 * i, "%02x", md5->state[i / 4] >> (i % 4 * 8) & 0xff);
}
