/* Allocation that reports failure through cm_error, and the arena. */
#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    CACHE_LINE = 64,
    HUGE_PAGE = 2 << 20,
    ARENA_BLOCK = 64 << 10,
    ARENA_ALIGN = 16
};

static cm_status out_of_memory(cm_error *err, size_t count, size_t size)
{
    return cm_fail(err, CM_ERR_NOMEM,
                   "out of memory: %zu elements of %zu bytes were wanted; "
                   "give the process more memory or the job less data",
                   count, size);
}

/* False when the product does not fit.  0 bytes become 1: malloc(0) may give
 * NULL, which would read as a failure. */
static bool bytes_of(size_t count, size_t size, size_t *bytes)
{
    if (__builtin_mul_overflow(count, size, bytes)) {
        return false;
    }
    if (*bytes == 0) {
        *bytes = 1;
    }
    return *bytes <= PTRDIFF_MAX - HUGE_PAGE; /* room to round up */
}

void *cm_alloc(size_t count, size_t size, cm_error *err)
{
    size_t bytes = 0;
    void *p = bytes_of(count, size, &bytes) ? malloc(bytes) : NULL;
    if (p == NULL) {
        out_of_memory(err, count, size);
    }
    return p;
}

void *cm_alloc_zero(size_t count, size_t size, cm_error *err)
{
    size_t bytes = 0;
    void *p = bytes_of(count, size, &bytes) ? calloc(bytes, 1) : NULL;
    if (p == NULL) {
        out_of_memory(err, count, size);
    }
    return p;
}

void *cm_realloc(void *old, size_t count, size_t size, cm_error *err)
{
    size_t bytes = 0;
    void *p = bytes_of(count, size, &bytes) ? realloc(old, bytes) : NULL;
    if (p == NULL) {
        out_of_memory(err, count, size);
    }
    return p;
}

char *cm_strdup(const char *text, cm_error *err)
{
    size_t n = strlen(text) + 1;
    char *copy = cm_alloc(n, 1, err);
    if (copy != NULL) {
        memcpy(copy, text, n);
    }
    return copy;
}

void *cm_alloc_large(size_t count, size_t size, cm_error *err)
{
    size_t bytes = 0;
    void *p = NULL;
    if (bytes_of(count, size, &bytes)) {
        size_t align = bytes >= HUGE_PAGE ? HUGE_PAGE : CACHE_LINE;
        bytes = (bytes + align - 1) / align * align;
        p = aligned_alloc(align, bytes);
        if (p != NULL && align == HUGE_PAGE) {
            /* Advice: without huge pages the memory works all the same. */
            (void)madvise(p, bytes, MADV_HUGEPAGE);
        }
    }
    if (p == NULL) {
        out_of_memory(err, count, size);
    }
    return p;
}

cm_status cm_grow(void *array_pointer, size_t count, size_t *capacity,
                  size_t size, cm_error *err)
{
    if (count < *capacity) {
        return CM_OK;
    }
    size_t wanted = 0;
    if (__builtin_mul_overflow(*capacity, 2, &wanted) ||
        __builtin_add_overflow(wanted, 8, &wanted)) {
        return out_of_memory(err, *capacity, size);
    }
    if (wanted <= count) {
        wanted = count + 1;
    }
    void *array = NULL;
    memcpy(&array, array_pointer, sizeof array);
    array = cm_realloc(array, wanted, size, err);
    if (array == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(array_pointer, &array, sizeof array);
    *capacity = wanted;
    return CM_OK;
}

struct cm_arena_block {
    struct cm_arena_block *next;
    size_t used;
    size_t size;
    size_t unused; /* keeps bytes[] aligned to ARENA_ALIGN */
    unsigned char bytes[];
};

_Static_assert(sizeof(struct cm_arena_block) % ARENA_ALIGN == 0,
               "the bytes of a block must start aligned");

static struct cm_arena_block *block_new(size_t size, cm_error *err)
{
    struct cm_arena_block *block = cm_alloc(1, sizeof *block + size, err);
    if (block != NULL) {
        block->next = NULL;
        block->used = 0;
        block->size = size;
        block->unused = 0;
    }
    return block;
}

/* A request larger than a block gets a block of its own, behind the head, so
 * that the room left in the head is not lost. */
static struct cm_arena_block *block_add(cm_arena *arena, size_t size,
                                        cm_error *err)
{
    bool own = size > ARENA_BLOCK / 4;
    struct cm_arena_block *block = block_new(own ? size : ARENA_BLOCK, err);
    if (block == NULL) {
        return NULL;
    }
    if (own && arena->head != NULL) {
        block->next = arena->head->next;
        arena->head->next = block;
    } else {
        block->next = arena->head;
        arena->head = block;
    }
    return block;
}

void *cm_arena_alloc(cm_arena *arena, size_t size, cm_error *err)
{
    if (size > PTRDIFF_MAX / 2) {
        out_of_memory(err, size, 1);
        return NULL;
    }
    size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    struct cm_arena_block *block = arena->head;
    if (block == NULL || block->size - block->used < size) {
        block = block_add(arena, size, err);
    }
    if (block == NULL) {
        return NULL;
    }
    void *p = block->bytes + block->used;
    block->used += size;
    return p;
}

char *cm_arena_strdup(cm_arena *arena, const char *text, size_t length,
                      cm_error *err)
{
    char *copy =
        length < SIZE_MAX ? cm_arena_alloc(arena, length + 1, err) : NULL;
    if (copy == NULL) {
        return NULL;
    }
    if (length > 0) {
        memcpy(copy, text, length);
    }
    copy[length] = '\0';
    return copy;
}

void cm_arena_release(cm_arena *arena)
{
    struct cm_arena_block *block = arena->head;
    while (block != NULL) {
        struct cm_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
}
