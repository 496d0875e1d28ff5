/* Splits: scikit-learn's row numbers, whole last hours, and the refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/split.h"
#include "data/split_mt19937.h"

static void assert_rows(const uint32_t *rows, size_t n, const uint32_t *want,
                        size_t n_want)
{
    assert_int_equal(n, n_want);
    assert_memory_equal(rows, want, n * sizeof *rows);
}

/* train_test_split(range(12), test_size=.25, random_state=42) */
static void random_small(void **state)
{
    static const uint32_t val[] = {10, 9, 0};
    static const uint32_t train[] = {8, 5, 2, 1, 11, 4, 7, 3, 6};
    cm_split split;
    cm_error err;
    (void)state;
    assert_int_equal(cm_split_random(&split, 12, 0.25, 42, &err), CM_OK);
    assert_rows(split.val, split.n_val, val, 3);
    assert_rows(split.train, split.n_train, train, 9);
    cm_split_release(&split);
    assert_null(split.val);
}

static uint64_t checksum(const uint32_t *rows, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (i + 1) * (uint64_t)rows[i];
    }
    return sum;
}

/* Sums of (i + 1) * row over scikit-learn's own parts. */
static void random_large(void **state)
{
    cm_split split;
    cm_error err;
    (void)state;
    assert_int_equal(cm_split_random(&split, 1000000, 0.2, 42, &err), CM_OK);
    assert_int_equal(split.n_val, 200000);
    assert_int_equal(checksum(split.val, split.n_val), 10004555201226410u);
    assert_int_equal(checksum(split.train, split.n_train), 159965831568497418u);
    cm_split_release(&split);
}

static void random_covers_all_rows(void **state)
{
    enum { N = 4097 };
    static uint8_t seen[N];
    cm_split split;
    cm_error err;
    (void)state;
    assert_int_equal(cm_split_random(&split, N, 0.3, 7, &err), CM_OK);
    assert_int_equal(split.n_train + split.n_val, N);
    for (size_t i = 0; i < split.n_val; i++) {
        seen[split.val[i]]++;
    }
    for (size_t i = 0; i < split.n_train; i++) {
        seen[split.train[i]]++;
    }
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(seen[i], 1);
    }
    cm_split_release(&split);
}

/* n_val = ceil(n * val_size) in doubles: 0.07 * 100 is above 7. */
static void random_sizes(void **state)
{
    static const struct {
        size_t n;
        double val_size;
        size_t n_val;
    } cases[] = {{2, 0.2, 1},     {5, 0.2, 1},    {6, 0.2, 2},
                 {10, 0.3, 3},    {100, 0.07, 8}, {15493, 0.2, 3099},
                 {1000, 0.001, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cm_split split;
        cm_error err;
        assert_int_equal(
            cm_split_random(&split, cases[i].n, cases[i].val_size, 1, &err),
            CM_OK);
        assert_int_equal(split.n_val, cases[i].n_val);
        assert_int_equal(split.n_train, cases[i].n - cases[i].n_val);
        cm_split_release(&split);
    }
}

static void assert_refused(cm_status status, cm_status want,
                           const cm_split *split, const cm_error *err,
                           const char *part)
{
    assert_int_equal(status, want);
    assert_int_equal(err->code, want);
    assert_non_null(strstr(err->message, part));
    assert_null(split->train);
    assert_null(split->val);
}

static void random_refuses(void **state)
{
    cm_split s;
    cm_error err;
    (void)state;
    assert_refused(cm_split_random(&s, 0, 0.2, 1, &err), CM_ERR_DATA, &s, &err,
                   "no rows");
    assert_refused(cm_split_random(&s, 1, 0.2, 1, &err), CM_ERR_DATA, &s, &err,
                   "train part would be empty");
    assert_refused(cm_split_random(&s, 10, 0.95, 1, &err), CM_ERR_DATA, &s,
                   &err, "train part would be empty");
    assert_refused(cm_split_random(&s, 10, 0.0, 1, &err), CM_ERR_USAGE, &s,
                   &err, "val_size is 0");
    assert_refused(cm_split_random(&s, 10, 1.0, 1, &err), CM_ERR_USAGE, &s,
                   &err, "val_size is 1");
    assert_refused(cm_split_random(&s, 10, 0.0 / 0.0, 1, &err), CM_ERR_USAGE,
                   &s, &err, "val_size");
    assert_refused(cm_split_random(&s, (size_t)1 << 33, 0.2, 1, &err),
                   CM_ERR_UNSUPPORTED, &s, &err, "at most 4294967295");
}

/* numpy.random.RandomState(1).permutation(10) */
static void shuffle_is_numpys(void **state)
{
    static const uint32_t want[] = {2, 9, 6, 4, 0, 3, 1, 7, 8, 5};
    uint32_t items[10];
    cm_mt19937 random;
    (void)state;
    for (uint32_t i = 0; i < 10; i++) {
        items[i] = i;
    }
    cm_mt19937_init(&random, 1);
    cm_mt19937_shuffle(&random, items, 10);
    assert_memory_equal(items, want, sizeof want);
    cm_mt19937_shuffle(&random, items, 1);
    cm_mt19937_shuffle(&random, items, 0);
    assert_memory_equal(items, want, sizeof want);
}

static void time_takes_whole_last_hours(void **state)
{
    /* Hours 0, 1, 0, 2, 2, 1, 0, 2 of 1970: a fifth of 8 rows is 2, and the
     * last hour has 3. */
    static const int64_t times[] = {0, 3600, 3599, 7200, 9000, 7199, 10, 7300};
    static const uint32_t val[] = {3, 4, 7}, train[] = {0, 1, 2, 5, 6};
    static const uint32_t val_half[] = {1, 3, 4, 5, 7};
    cm_split split;
    cm_error err;
    (void)state;
    assert_int_equal(cm_split_time(&split, times, 8, 0.2, &err), CM_OK);
    assert_rows(split.val, split.n_val, val, 3);
    assert_rows(split.train, split.n_train, train, 5);
    cm_split_release(&split);
    assert_int_equal(cm_split_time(&split, times, 8, 0.5, &err), CM_OK);
    assert_rows(split.val, split.n_val, val_half, 5);
    cm_split_release(&split);
}

/* Times far apart and before 1970 take several rounds of the selection. */
static void time_spans_any_range(void **state)
{
    static const int64_t times[] = {INT64_MIN, INT64_MAX, -1, 0, 1, -3601};
    static const uint32_t val[] = {1, 3, 4}, train[] = {0, 2, 5};
    cm_split split;
    cm_error err;
    (void)state;
    assert_int_equal(cm_split_time(&split, times, 6, 0.4, &err), CM_OK);
    assert_rows(split.val, split.n_val, val, 3);
    assert_rows(split.train, split.n_train, train, 3);
    cm_split_release(&split);
}

/* Against the definition: walk the hours down until enough rows are in. */
static void time_agrees_with_definition(void **state)
{
    enum { N = 1000 };
    int64_t times[N];
    size_t per_hour[50] = {0};
    uint64_t x = 12345;
    cm_split split;
    cm_error err;
    (void)state;
    for (size_t i = 0; i < N; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        size_t hour = (x >> 33) % 50;
        per_hour[hour]++;
        times[i] = (int64_t)(1413849600 + 3600 * hour + (x >> 40) % 3600);
    }
    for (int percent = 1; percent < 98; percent += 3) {
        size_t hour = 50, in = 0;
        while ((double)in < percent / 100.0 * N) {
            in += per_hour[--hour];
        }
        assert_int_equal(cm_split_time(&split, times, N, percent / 100.0, &err),
                         CM_OK);
        assert_int_equal(split.n_val, in);
        for (size_t i = 0; i < in; i++) {
            assert_true(times[split.val[i]] >=
                        (int64_t)(1413849600 + 3600 * hour));
            assert_true(i == 0 || split.val[i] > split.val[i - 1]);
        }
        cm_split_release(&split);
    }
}

static void time_refuses(void **state)
{
    static const int64_t one_hour[] = {3600, 3601, 7199};
    static const int64_t heavy_start[] = {0, 1, 2, 3, 4, 3600};
    cm_split s;
    cm_error err;
    (void)state;
    assert_refused(cm_split_time(&s, one_hour, 3, 0.2, &err), CM_ERR_DATA, &s,
                   &err, "at least two different hours");
    assert_refused(cm_split_time(&s, heavy_start, 6, 0.2, &err), CM_ERR_DATA,
                   &s, &err, "no hour to train on");
    assert_refused(cm_split_time(&s, NULL, 0, 0.2, &err), CM_ERR_DATA, &s, &err,
                   "no rows");
    assert_refused(cm_split_time(&s, one_hour, 3, 1.5, &err), CM_ERR_USAGE, &s,
                   &err, "val_size is 1.5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_small),
        cmocka_unit_test(random_large),
        cmocka_unit_test(random_covers_all_rows),
        cmocka_unit_test(random_sizes),
        cmocka_unit_test(random_refuses),
        cmocka_unit_test(shuffle_is_numpys),
        cmocka_unit_test(time_takes_whole_last_hours),
        cmocka_unit_test(time_spans_any_range),
        cmocka_unit_test(time_agrees_with_definition),
        cmocka_unit_test(time_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
