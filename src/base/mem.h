/* Memory: allocation that reports failure through cm_error, and an arena for
 * things that live and die together. */
#ifndef CM_BASE_MEM_H
#define CM_BASE_MEM_H

#include <stddef.h>

#include "base/error.h"

/* All return NULL after recording CM_ERR_NOMEM; count * size is checked for
 * overflow; a request of 0 bytes gives a valid pointer.  Release with free. */
void *cm_alloc(size_t count, size_t size, cm_error *err);
void *cm_alloc_zero(size_t count, size_t size, cm_error *err);
void *cm_realloc(void *old, size_t count, size_t size, cm_error *err);
char *cm_strdup(const char *text, cm_error *err);

/* Large arrays touched by every core: 64-byte aligned, backed by huge pages
 * where the system has them, not zeroed.  Release with free. */
void *cm_alloc_large(size_t count, size_t size, cm_error *err);

/* Makes room for one more element of `size` bytes in a growing array, doubling
 * *capacity.  *array stays valid when it fails. */
CM_MUST_USE cm_status cm_grow(void *array_pointer, size_t count,
                              size_t *capacity, size_t size, cm_error *err);

/* An arena owns all that was allocated from it.  Zero-initialised is empty. */
typedef struct cm_arena {
    struct cm_arena_block *head;
} cm_arena;

/* 16-byte aligned; NULL after recording CM_ERR_NOMEM. */
void *cm_arena_alloc(cm_arena *arena, size_t size, cm_error *err);
char *cm_arena_strdup(cm_arena *arena, const char *text, size_t length,
                      cm_error *err);
void cm_arena_release(cm_arena *arena);

#endif
