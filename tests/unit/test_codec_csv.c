/* CSV scanning and single fields, against byte-by-byte references. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "codec/csv.h"
#include "codec/csv_scan.h"

enum { MOST = 700 };

static cm_csv_ends reference_scan(uint32_t *positions, const char *p, size_t n,
                                  char delimiter, bool quoted)
{
    cm_csv_ends ends = {0};
    bool inside = false;
    for (size_t i = 0; i < n; i++) {
        inside ^= quoted && p[i] == '"';
        if (!inside && (p[i] == delimiter || p[i] == '\n')) {
            positions[ends.n++] = (uint32_t)i;
            ends.newlines += p[i] == '\n';
        }
    }
    return ends;
}

static void check_scans(const cm_csv_kernels *kernels, const char *p, size_t n,
                        char delimiter)
{
    uint32_t expected[MOST];
    uint32_t found[MOST + CM_CSV_SCAN_SLACK];
    for (int quoted = 0; quoted < 2; quoted++) {
        cm_csv_ends a = reference_scan(expected, p, n, delimiter, quoted);
        cm_csv_ends b = quoted ? kernels->scan_quoted(found, p, n, delimiter)
                               : kernels->scan(found, p, n, delimiter);
        assert_int_equal(a.n, b.n);
        assert_int_equal(a.newlines, b.newlines);
        assert_memory_equal(expected, found, a.n * sizeof *found);
    }
}

static void check_survey(const cm_csv_kernels *kernels, const char *p, size_t n)
{
    cm_csv_survey expected = {0};
    for (size_t i = 0; i < n; i++) {
        expected.quotes += p[i] == '"';
        expected.newlines += p[i] == '\n';
        expected.nul |= p[i] == '\0';
        expected.high |= (unsigned char)p[i] > 127;
    }
    cm_csv_survey found = kernels->survey(p, n);
    assert_int_equal(found.quotes, expected.quotes);
    assert_int_equal(found.newlines, expected.newlines);
    assert_int_equal(found.nul, expected.nul);
    assert_int_equal(found.high, expected.high);
}

/* In memory of exactly n bytes, so that a sanitizer sees any byte too far. */
static void check_random(const cm_csv_kernels *kernels, const char *alphabet,
                         size_t n_alphabet)
{
    cm_rng rng = cm_rng_stream(11, n_alphabet);
    for (size_t n = 0; n < MOST; n += n < 200 ? 1 : 37) {
        char *p = malloc(n == 0 ? 1 : n);
        assert_non_null(p);
        for (size_t i = 0; i < n; i++) {
            p[i] = alphabet[cm_rng_next(&rng) % n_alphabet];
        }
        check_scans(kernels, p, n, ',');
        check_scans(kernels, p, n, '\t');
        check_survey(kernels, p, n);
        free(p);
    }
}

static void check_kernels(const cm_csv_kernels *kernels)
{
    static const char SPARSE[] = "abcdefghijklmnopqrstuvwxyz0123456789,\n";
    static const char DENSE[] = ",\n\"\t\r,,\n";
    static const char BYTES[] = "ab\0\xff\x80\x7f\"\n,";
    check_random(kernels, SPARSE, sizeof SPARSE - 1);
    check_random(kernels, DENSE, sizeof DENSE - 1);
    check_random(kernels, BYTES, sizeof BYTES - 1);
}

static void portable_kernels(void **state)
{
    (void)state;
    check_kernels(cm_csv_kernels_portable());
}

static void avx2_kernels(void **state)
{
    (void)state;
    if (cm_csv_kernels_avx2() == NULL) {
        print_message("SKIP: this processor has no AVX2\n");
        skip();
    }
    check_kernels(cm_csv_kernels_avx2());
    assert_ptr_equal(cm_csv_kernels_best(), cm_csv_kernels_avx2());
}

static void check_field(const char *raw, const char *expected)
{
    char out[64];
    size_t n = cm_csv_field(out, cm_str_of(raw));
    if (expected == NULL) {
        assert_true(n == CM_CSV_MISQUOTED);
    } else {
        assert_true(cm_str_is((cm_str){out, n}, expected));
    }
}

static void fields_out_of_quotes(void **state)
{
    (void)state;
    check_field("", "");
    check_field("abc", "abc");
    check_field(" abc ", " abc ");
    check_field("\"\"", "");
    check_field("\"abc\"", "abc");
    check_field("\"a,b\nc\"", "a,b\nc");
    check_field("\"a\"\"b\"", "a\"b");
    check_field("\"\"\"\"", "\"");
    check_field("\"\"\"a\"\"\"", "\"a\"");
    check_field("\"", NULL);
    check_field("\"abc", NULL);
    check_field("abc\"", NULL);
    check_field("a\"\"b", NULL);
    check_field("\"a\"b", NULL);
    check_field("\"a\"b\"", NULL);
    check_field("\"\"\"", NULL);
    check_field(" \"a\"", NULL);
}

static void fields_into_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field;
    } CASES[] = {
        {"", ""},           {"abc", "abc"},         {"a b", "a b"},
        {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""}, {"a\nb", "\"a\nb\""},
        {"a\r", "\"a\r\""}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        cm_buf buf = {0};
        cm_csv_put(&buf, cm_str_of(CASES[i].text));
        assert_true(cm_str_is((cm_str){buf.p, buf.n}, CASES[i].field));
        char out[16];
        size_t n = cm_csv_field(out, (cm_str){buf.p, buf.n});
        assert_true(cm_str_is((cm_str){out, n}, CASES[i].text));
        cm_buf_release(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portable_kernels),
        cmocka_unit_test(avx2_kernels),
        cmocka_unit_test(fields_out_of_quotes),
        cmocka_unit_test(fields_into_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
