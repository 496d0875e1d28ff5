/* CityHash64 version 1.0.  Source: G. Pike and J. Alakuijala, CityHash, 2011;
 * checked against CatBoost's hashes of categories.
 *
 *   s  the bytes left, n how many in the whole text
 *   x, y, z, v, w  the 56 bytes of state of the long loop */
#include "model/city_hash.h"

#include <string.h>

static const uint64_t k0 = 0xc3a5c85c97cb3127, k1 = 0xb492b66fbe98f273,
                      k2 = 0x9ae16a3b2f90404f, k3 = 0xc949d7c7509e6557;

typedef struct pair {
    uint64_t first, second;
} pair;

static uint64_t load64(const char *s)
{
    uint64_t value;
    memcpy(&value, s, sizeof value);
    return value;
}

static uint32_t load32(const char *s)
{
    uint32_t value;
    memcpy(&value, s, sizeof value);
    return value;
}

/* 0 < bits < 64. */
static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value >> bits | value << (64 - bits);
}

static uint64_t shift_mix(uint64_t value)
{
    return value ^ value >> 47;
}

static uint64_t mix(uint64_t u, uint64_t v)
{
    const uint64_t multiplier = 0x9ddfea08eb382d69;
    uint64_t a = shift_mix((u ^ v) * multiplier);
    return shift_mix((v ^ a) * multiplier) * multiplier;
}

static uint64_t hash_to_16(const char *s, size_t n)
{
    if (n > 8) {
        uint64_t a = load64(s), b = load64(s + n - 8);
        return mix(a, rotate(b + n, (unsigned)n)) ^ b;
    }
    if (n >= 4) {
        return mix(n + ((uint64_t)load32(s) << 3), load32(s + n - 4));
    }
    if (n > 0) {
        uint32_t y = (uint8_t)s[0] + ((uint32_t)(uint8_t)s[n >> 1] << 8);
        uint32_t z = (uint32_t)n + ((uint32_t)(uint8_t)s[n - 1] << 2);
        return shift_mix(y * k2 ^ z * k3) * k2;
    }
    return k2;
}

static uint64_t hash_17_to_32(const char *s, size_t n)
{
    uint64_t a = load64(s) * k1, b = load64(s + 8);
    uint64_t c = load64(s + n - 8) * k2, d = load64(s + n - 16) * k0;
    return mix(rotate(a - b, 43) + rotate(c, 30) + d,
               a + rotate(b ^ k3, 20) - c + n);
}

/* One half of the bytes: 16 at s and 16 at t, from the seed a. */
static pair hash_half(const char *s, const char *t, uint64_t a)
{
    uint64_t z = load64(t + 8), b = rotate(a + z, 52), c = rotate(a, 37);
    a += load64(s + 8);
    c += rotate(a, 7);
    a += load64(t);
    return (pair){a + z, b + rotate(a, 31) + c};
}

static uint64_t hash_33_to_64(const char *s, size_t n)
{
    pair v = hash_half(s, s + 16, load64(s) + (n + load64(s + n - 16)) * k0);
    pair w =
        hash_half(s + n - 32, s + n - 16, load64(s + 16) + load64(s + n - 32));
    uint64_t r =
        shift_mix((v.first + w.second) * k2 + (w.first + v.second) * k0);
    return shift_mix(r * k0 + v.second) * k2;
}

static pair add_32(const char *s, uint64_t a, uint64_t b)
{
    uint64_t w = load64(s), x = load64(s + 8);
    uint64_t y = load64(s + 16), z = load64(s + 24);
    a += w;
    b = rotate(b + a + z, 21);
    uint64_t c = a;
    a += x + y;
    b += rotate(a, 44);
    return (pair){a + z, b + c};
}

static uint64_t hash_long(const char *s, size_t n)
{
    uint64_t x = load64(s), y = load64(s + n - 16) ^ k1;
    uint64_t z = load64(s + n - 56) ^ k0;
    pair v = add_32(s + n - 64, n, y), w = add_32(s + n - 32, n * k1, k0);
    z += shift_mix(v.second) * k1;
    x = rotate(z + x, 39) * k1;
    y = rotate(y, 33) * k1;
    for (const char *end = s + ((n - 1) & ~(size_t)63); s < end; s += 64) {
        x = rotate(x + y + v.first + load64(s + 16), 37) * k1 ^ w.second;
        y = rotate(y + v.second + load64(s + 48), 42) * k1 ^ v.first;
        z = rotate(z ^ w.first, 33);
        v = add_32(s, v.second * k1, x + w.first);
        w = add_32(s + 32, z + w.second, y);
        uint64_t swapped = z;
        z = x;
        x = swapped;
    }
    return mix(mix(v.first, w.first) + shift_mix(y) * k1 + z,
               mix(v.second, w.second) + x);
}

uint64_t city_hash64(cm_str text)
{
    if (text.n <= 16) {
        return hash_to_16(text.p, text.n);
    }
    if (text.n <= 32) {
        return hash_17_to_32(text.p, text.n);
    }
    return text.n <= 64 ? hash_33_to_64(text.p, text.n)
                        : hash_long(text.p, text.n);
}
