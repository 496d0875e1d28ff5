/* Fault injection: the n-th allocation of our own code fails.  A test that
 * includes this links with -Wl,--wrap= of the four allocators. */
#ifndef TEST_BASE_FAULTS_H
#define TEST_BASE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

/* Allocations until the one that fails; negative: none fails. */
static long faults_left = -1;

static bool fault_now(void)
{
    if (faults_left < 0) {
        return false;
    }
    return faults_left-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fault_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fault_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fault_now() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
    return fault_now() ? NULL : __real_aligned_alloc(align, size);
}

#endif
