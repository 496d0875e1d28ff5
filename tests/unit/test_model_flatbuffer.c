/* Flatbuffers: the bytes that are written, aligned as readers want them; what
 * is written is read back; and no bytes, however wrong, are followed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "model/flatbuffer_read.h"
#include "model/flatbuffer_write.h"

enum { SLOT_BYTE, SLOT_DOUBLE, SLOT_ABSENT, SLOT_TEXT, SLOT_NUMBERS, N_SLOTS };

static fb_reader reader_of(const cm_buf *bytes, cm_error *err)
{
    return (fb_reader){.file = "f",
                       .bytes = (const uint8_t *)bytes->p,
                       .n = bytes->n,
                       .offset = 100,
                       .err = err};
}

static void write_one(cm_buf *out)
{
    static const double numbers[] = {1.5, -2};
    const fb_field fields[N_SLOTS] = {
        [SLOT_BYTE] = fb_byte(7),
        [SLOT_DOUBLE] = fb_double(.25),
        [SLOT_TEXT] = fb_link(),
        [SLOT_NUMBERS] = fb_link(),
    };
    fb_writer w;
    cm_error err = {0};
    fb_begin(&w, out);
    size_t table = fb_put_table(&w, fields, N_SLOTS);
    fb_set_link(&w, table, SLOT_TEXT, fb_put_string(&w, CM_STR("hello")));
    fb_set_link(&w, table, SLOT_NUMBERS, fb_put_vector(&w, numbers, 2, 8, 8));
    assert_int_equal(fb_end(&w, table, &err), CM_OK);
}

static void bytes_are_as_the_format_says(void **state)
{
    (void)state;
    static const char expected[] =
        "\x14\0\0\0"                   /* to the table at 20 */
        "\0\0"                         /* so that doubles are aligned */
        "\x0e\0\x15\0"                 /* 14 bytes of slots, 21 of table */
        "\x14\0\x04\0\0\0\x0c\0\x10\0" /* places of the five slots */
        "\x0e\0\0\0"                   /* back to the slots */
        "\0\0\0\0\0\0\xd0\x3f"         /* .25 */
        "\x0c\0\0\0\x18\0\0\0"         /* to the text, to the numbers */
        "\x07\0\0\0"                   /* the byte; aligned again */
        "\x05\0\0\0hello\0\0\0"        /* the text, and NUL */
        "\0\0\0\0\x02\0\0\0"           /* two numbers, at 64 */
        "\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\0\xc0";
    cm_buf out = {0};
    write_one(&out);
    assert_int_equal(out.n, sizeof expected - 1);
    assert_memory_equal(out.p, expected, out.n);
    cm_buf_release(&out);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    cm_buf out = {0};
    cm_buf_adds(&out, "abc"); /* positions count from the flatbuffer */
    write_one(&out);
    cm_buf inner = {out.p + 3, out.n - 3, 0, false};
    cm_error err = {0};
    fb_reader r = reader_of(&inner, &err);
    fb_table t = fb_root(&r);
    assert_int_equal(fb_get_byte(&r, t, SLOT_BYTE, 9), 7);
    assert_true(fb_get_double(&r, t, SLOT_DOUBLE, 9) == .25);
    assert_int_equal(fb_get_int(&r, t, SLOT_ABSENT, -5), -5);
    assert_int_equal(fb_get_int(&r, t, 99, -6), -6);
    assert_true(cm_str_is(fb_get_string(&r, t, SLOT_TEXT), "hello"));
    fb_vector v = fb_get_vector(&r, t, SLOT_NUMBERS, 8);
    assert_int_equal(v.n, 2);
    assert_int_equal(v.at % 8, 0);
    double numbers[2];
    memcpy(numbers, r.bytes + v.at, sizeof numbers);
    assert_true(numbers[0] == 1.5 && numbers[1] == -2);
    assert_int_equal(fb_get_table(&r, t, SLOT_ABSENT).at, 0);
    assert_null(fb_get_string(&r, t, SLOT_ABSENT).p);
    assert_int_equal(r.status, CM_OK);
    cm_buf_release(&out);
}

/* Tables in a list, with doubles after odd strings: all must be aligned. */
static void lists_are_aligned(void **state)
{
    (void)state;
    static const char *const names[] = {"", "a", "ab", "abc", "abcdefg"};
    cm_buf out = {0};
    fb_writer w;
    fb_begin(&w, &out);
    const fb_field root_fields[] = {fb_link()};
    const fb_field fields[] = {fb_link(), fb_double(3)};
    size_t root = fb_put_table(&w, root_fields, 1);
    size_t list = fb_put_links(&w, 5);
    fb_set_link(&w, root, 0, list);
    for (size_t i = 0; i < 5; i++) {
        size_t table = fb_put_table(&w, fields, 2);
        fb_set_element(&w, list, i, table);
        fb_set_link(&w, table, 0, fb_put_string(&w, cm_str_of(names[i])));
        assert_int_equal(table % 8, 4);
    }
    cm_error err = {0};
    assert_int_equal(fb_end(&w, root, &err), CM_OK);
    fb_reader r = reader_of(&out, &err);
    fb_vector tables = fb_get_vector(&r, fb_root(&r), 0, 4);
    assert_int_equal(tables.n, 5);
    for (size_t i = 0; i < 5; i++) {
        fb_table t = fb_element_table(&r, tables, i);
        assert_true(cm_str_is(fb_get_string(&r, t, 0), names[i]));
        assert_true(fb_get_double(&r, t, 1, 0) == 3);
    }
    assert_int_equal(r.status, CM_OK);
    cm_buf_release(&out);
}

/* Reads all there is, and touches every byte that was promised. */
static cm_status read_all(const uint8_t *bytes, size_t n, cm_error *err)
{
    fb_reader r = {.file = "f", .bytes = bytes, .n = n, .err = err};
    fb_table t = fb_root(&r);
    unsigned sum = fb_get_byte(&r, t, SLOT_BYTE, 0);
    sum += fb_get_double(&r, t, SLOT_DOUBLE, 0) > 0;
    cm_str text = fb_get_string(&r, t, SLOT_TEXT);
    for (size_t i = 0; i < text.n; i++) {
        sum += (unsigned char)text.p[i];
    }
    fb_vector v = fb_get_vector(&r, t, SLOT_NUMBERS, 8);
    for (size_t i = 0; i < 8 * v.n; i++) {
        sum += bytes[v.at + i];
    }
    fb_vector links = fb_get_vector(&r, t, SLOT_NUMBERS, 4);
    for (size_t i = 0; i < links.n && r.status == CM_OK; i++) {
        fb_table inner = fb_element_table(&r, links, i);
        sum += (unsigned)fb_get_int(&r, inner, 0, 0);
    }
    assert_true(sum < UINT32_MAX);
    return r.status;
}

static void wrong_bytes_are_refused(void **state)
{
    (void)state;
    cm_buf out = {0};
    write_one(&out);
    for (size_t n = 0; n < out.n; n++) {
        cm_error err = {0};
        uint8_t *copy = malloc(n + 1); /* of its own size, for sanitizers */
        memcpy(copy, out.p, n);
        assert_int_equal(read_all(copy, n, &err), CM_ERR_DATA);
        assert_non_null(strstr(err.message, "f: byte "));
        free(copy);
    }
    uint8_t *copy = malloc(out.n);
    for (uint64_t seed = 0; seed < 20000; seed++) {
        cm_rng rng = cm_rng_stream(seed, 3);
        cm_error err = {0};
        memcpy(copy, out.p, out.n);
        for (int i = 0; i < 3; i++) {
            copy[cm_rng_next(&rng) % out.n] = (uint8_t)cm_rng_next(&rng);
        }
        cm_status status = read_all(copy, out.n, &err);
        assert_true(status == CM_OK || err.message[0] != '\0');
    }
    free(copy);
    cm_buf_release(&out);
}

static void a_failure_stays_and_says_where(void **state)
{
    (void)state;
    cm_buf out = {0};
    write_one(&out);
    uint32_t far = 5000;
    memcpy(out.p + 32, &far, sizeof far); /* the string's link */
    cm_error err = {0};
    fb_reader r = reader_of(&out, &err);
    fb_table t = fb_root(&r);
    assert_int_equal(fb_get_string(&r, t, SLOT_TEXT).n, 0);
    assert_int_equal(r.status, CM_ERR_DATA);
    assert_non_null(strstr(err.message, "f: byte 132: "));
    assert_non_null(strstr(err.message, "5000"));
    assert_int_equal(fb_get_byte(&r, t, SLOT_BYTE, 9), 9);
    fb_fail(&r, CM_ERR_NOMEM, 0, "another");
    assert_int_equal(r.status, CM_ERR_DATA);
    cm_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_as_the_format_says),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(lists_are_aligned),
        cmocka_unit_test(wrong_bytes_are_refused),
        cmocka_unit_test(a_failure_stays_and_says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
