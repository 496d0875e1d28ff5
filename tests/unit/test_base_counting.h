/* Counts the bytes that our code and jansson hold, on any thread.  A test that
 * includes this links with -Wl,--wrap= of malloc, calloc, realloc and free. */
#ifndef TEST_BASE_COUNTING_H
#define TEST_BASE_COUNTING_H

#include <jansson.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *p);

static atomic_size_t bytes_held, most_bytes_held;

static void *count_up(void *p)
{
    size_t size = p == NULL ? 0 : malloc_usable_size(p);
    size_t held = atomic_fetch_add(&bytes_held, size) + size;
    size_t most = atomic_load(&most_bytes_held);
    while (held > most &&
           !atomic_compare_exchange_weak(&most_bytes_held, &most, held)) {
    }
    return p;
}

void *__wrap_malloc(size_t size)
{
    return count_up(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return count_up(__real_calloc(count, size));
}

/* While it copies, both are held. */
void *__wrap_realloc(void *old, size_t size)
{
    size_t before = old == NULL ? 0 : malloc_usable_size(old);
    void *p = count_up(__real_realloc(old, size));
    bytes_held -= p == NULL ? 0 : before;
    return p;
}

/* What somebody else allocated was not counted. */
void __wrap_free(void *p)
{
    size_t size = p == NULL ? 0 : malloc_usable_size(p);
    size_t held = atomic_load(&bytes_held);
    while (!atomic_compare_exchange_weak(&bytes_held, &held,
                                         held - (size < held ? size : held))) {
    }
    __real_free(p);
}

/* Starts counting anew. */
static inline void count_from_here(void)
{
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    atomic_store(&bytes_held, 0);
    atomic_store(&most_bytes_held, 0);
}

#endif
