/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Memory and buffers, with and without failing allocations. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "test_base_faults.h"

static void zero_bytes_are_a_pointer(void **state)
{
    (void)state;
    void *a = cm_alloc(0, 8, NULL);
    void *b = cm_alloc_zero(8, 0, NULL);
    void *c = cm_alloc_large(0, 0, NULL);
    void *d = cm_realloc(NULL, 0, 4, NULL);
    assert_true(a != NULL && b != NULL && c != NULL && d != NULL);
    free(a);
    free(b);
    free(c);
    free(d);
}

static void overflow_is_no_memory(void **state)
{
    (void)state;
    cm_error err = {0};
    assert_null(cm_alloc(SIZE_MAX / 2, 3, &err));
    assert_int_equal(err.code, CM_ERR_NOMEM);
    assert_non_null(strstr(err.message, "out of memory"));
    assert_null(cm_alloc_zero(SIZE_MAX, 2, &err));
    assert_null(cm_alloc_large(SIZE_MAX, 2, &err));
    assert_null(cm_alloc_large(SIZE_MAX / 2, 1, &err));
    assert_null(cm_realloc(NULL, SIZE_MAX, 16, &err));
}

static void large_is_aligned(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 100, (2u << 20) - 1, 2u << 20, 5000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = cm_alloc_large(sizes[i], 1, NULL);
        assert_non_null(p);
        size_t align = sizes[i] >= (2u << 20) ? 2u << 20 : 64;
        assert_int_equal((uintptr_t)p % align, 0);
        p[0] = 1;
        p[sizes[i] - 1] = 2;
        free(p);
    }
}

static void zeroed_is_zero(void **state)
{
    (void)state;
    unsigned char *p = cm_alloc_zero(1000, 3, NULL);
    for (size_t i = 0; i < 3000; i++) {
        assert_int_equal(p[i], 0);
    }
    free(p);
}

static void grow_keeps_the_elements(void **state)
{
    (void)state;
    int *array = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(
            cm_grow(&array, (size_t)i, &capacity, sizeof *array, NULL), CM_OK);
        assert_true(capacity > (size_t)i);
        array[i] = i;
    }
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(array[i], i);
    }
    int *before = array;
    size_t full = capacity;
    faults_left = 0;
    assert_int_equal(cm_grow(&array, capacity, &capacity, sizeof *array, NULL),
                     CM_ERR_NOMEM);
    faults_left = -1;
    assert_ptr_equal(array, before);
    assert_int_equal(capacity, full);
    free(array);
}

static void arena_pieces_are_apart(void **state)
{
    (void)state;
    cm_arena arena = {0};
    unsigned char *pieces[2000];
    size_t sizes[2000];
    for (size_t i = 0; i < 2000; i++) {
        sizes[i] = i % 100 == 7 ? 100000 + i : i % 300;
        pieces[i] = cm_arena_alloc(&arena, sizes[i], NULL);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < 2000; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(pieces[i][j], i % 251);
        }
    }
    cm_arena_release(&arena);
    assert_null(arena.head);
    cm_arena_release(&arena);
}

static void arena_copies_text(void **state)
{
    (void)state;
    cm_arena arena = {0};
    char *copy = cm_arena_strdup(&arena, "abcdef", 3, NULL);
    assert_string_equal(copy, "abc");
    assert_string_equal(cm_arena_strdup(&arena, NULL, 0, NULL), "");
    cm_error err = {0};
    assert_null(cm_arena_strdup(&arena, "a", SIZE_MAX, &err));
    assert_null(cm_arena_alloc(&arena, SIZE_MAX - 3, &err));
    assert_int_equal(err.code, CM_ERR_NOMEM);
    cm_arena_release(&arena);
}

static void every_allocator_reports(void **state)
{
    (void)state;
    cm_error err = {0};
    cm_arena arena = {0};
    faults_left = 0;
    assert_null(cm_alloc(1, 1, &err));
    assert_int_equal(err.code, CM_ERR_NOMEM);
    faults_left = 0;
    assert_null(cm_alloc_zero(1, 1, NULL));
    faults_left = 0;
    assert_null(cm_realloc(NULL, 1, 1, NULL));
    faults_left = 0;
    assert_null(cm_alloc_large(3u << 20, 1, NULL));
    faults_left = 0;
    assert_null(cm_strdup("x", NULL));
    faults_left = 0;
    assert_null(cm_arena_alloc(&arena, 1, NULL));
    faults_left = -1;
    assert_null(arena.head);
}

/* Writes in many ways; at which allocation it fails must not matter. */
static void write_much(cm_buf *buf)
{
    for (int i = 0; i < 100; i++) {
        cm_buf_adds(buf, "text ");
        cm_buf_addf(buf, "%d %s ", i, "formatted");
        cm_buf_addc(buf, ',');
        cm_buf_add_double(buf, 0.1 * i);
        cm_buf_add(buf, "\0\1", 2);
    }
}

static void buffer_survives_any_failure(void **state)
{
    (void)state;
    cm_buf whole = {0};
    write_much(&whole);
    assert_int_equal(cm_buf_check(&whole, NULL), CM_OK);
    bool failed = true;
    for (long n = 0; failed; n++) {
        assert_true(n < 100);
        cm_buf buf = {0};
        faults_left = n;
        write_much(&buf);
        failed = faults_left < 0;
        faults_left = -1;
        cm_error err = {0};
        assert_int_equal(cm_buf_check(&buf, &err),
                         failed ? CM_ERR_NOMEM : CM_OK);
        assert_true(buf.n <= whole.n);
        if (buf.n > 0) {
            assert_memory_equal(buf.p, whole.p, buf.n);
            assert_int_equal(buf.p[buf.n], 0);
        }
        cm_buf_clear(&buf);
        cm_buf_adds(&buf, "again");
        assert_int_equal(cm_buf_check(&buf, NULL), CM_OK);
        assert_string_equal(buf.p, "again");
        cm_buf_release(&buf);
    }
    cm_buf_release(&whole);
}

static void buffer_refuses_overflow(void **state)
{
    (void)state;
    cm_buf buf = {0};
    cm_buf_adds(&buf, "abc");
    cm_buf_add(&buf, "x", SIZE_MAX - 1);
    assert_int_equal(cm_buf_check(&buf, NULL), CM_ERR_NOMEM);
    assert_string_equal(buf.p, "abc");
    cm_buf_release(&buf);
    assert_null(buf.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_bytes_are_a_pointer),
        cmocka_unit_test(overflow_is_no_memory),
        cmocka_unit_test(large_is_aligned),
        cmocka_unit_test(zeroed_is_zero),
        cmocka_unit_test(grow_keeps_the_elements),
        cmocka_unit_test(arena_pieces_are_apart),
        cmocka_unit_test(arena_copies_text),
        cmocka_unit_test(every_allocator_reports),
        cmocka_unit_test(buffer_survives_any_failure),
        cmocka_unit_test(buffer_refuses_overflow),
    };
    return cmocka_run_group_tests_name("base/mem", tests, NULL, NULL);
}
