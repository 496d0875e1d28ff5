/* Hashes: SHA-256 names contents, XXH3 guards files, mixing seeds tables. */
#ifndef CM_BASE_HASH_H
#define CM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Bytes as 2 n lower-case digits, and NUL. */
void cm_hex(char *out, const void *bytes, size_t n);

#define CM_SHA256_HEX 65 /* 64 digits and NUL */

CM_MUST_USE cm_status cm_sha256(char out[CM_SHA256_HEX], const void *bytes,
                                size_t n, cm_error *err);
CM_MUST_USE cm_status cm_sha256_file(char out[CM_SHA256_HEX], const char *path,
                                     cm_error *err);
uint64_t cm_xxh3(const void *bytes, size_t n);

/* The finalizer of splitmix64: a bijection whose bits all depend on all. */
static inline uint64_t cm_mix64(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

#endif
