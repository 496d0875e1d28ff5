/* The generated log: the same bytes on any number of threads, the shape of
 * the real log, a steady click rate, and errors that leave nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "data/generate.h"
#include "data/generate_row.h"
#include "data/generate_tables.h"

static char folder[512];
static char path[600];

static int make_folder(void **state)
{
    const char *parent = getenv("TMPDIR");
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/clickmill-XXXXXX",
                   parent != NULL ? parent : P_tmpdir);
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/log.csv", folder);
    return 0;
}

static int remove_folder(void **state)
{
    cm_error err;
    (void)state;
    return cm_remove_tree(folder, &err) == CM_OK ? 0 : -1;
}

static cm_buf read_log(void)
{
    cm_buf text = {0};
    cm_error err;
    assert_int_equal(cm_read_file(&text, path, 1 << 28, &err), CM_OK);
    return text;
}

static cm_buf generate(uint64_t rows, uint64_t seed, int n_threads,
                       cm_generate_report *report)
{
    cm_generate_options options = {
        .rows = rows, .seed = seed, .output = path, .n_threads = n_threads};
    cm_error err = {0};
    if (cm_generate(report, &options, &err) != CM_OK) {
        print_message("%s\n", err.message);
        fail();
    }
    return read_log();
}

static void same_bytes_on_any_threads(void **state)
{
    enum { ROWS = 70001 };
    cm_generate_report report, again;
    cm_buf one = generate(ROWS, 5, 1, &report);
    (void)state;
    assert_int_equal(report.rows, ROWS);
    assert_int_equal(report.bytes, one.n);
    for (int n_threads = 2; n_threads <= 5; n_threads++) {
        cm_buf more = generate(ROWS, 5, n_threads, &again);
        assert_int_equal(more.n, one.n);
        assert_memory_equal(more.p, one.p, one.n);
        assert_memory_equal(&again, &report, sizeof report);
        cm_buf_release(&more);
    }
    cm_buf_release(&one);
}

/* A change of this value changes every log ever made with a given seed. */
static void golden(void **state)
{
    cm_generate_report report;
    cm_buf text = generate(10000, 1, 2, &report);
    (void)state;
    assert_int_equal(text.n, 1542412);
    assert_int_equal(cm_xxh3(text.p, text.n), 0x63dd0b881cc17ebau);
    cm_buf_release(&text);
}

static void seeds_differ(void **state)
{
    cm_generate_report report;
    cm_buf a = generate(100, 1, 1, &report);
    cm_buf b = generate(100, 2, 1, &report);
    (void)state;
    assert_true(a.n != b.n || memcmp(a.p, b.p, a.n) != 0);
    cm_buf_release(&a);
    cm_buf_release(&b);
}

/* The fields of the line at *at, which moves to the next line. */
enum { COLUMNS = 24 };
static void next_line(const char **at, cm_str fields[COLUMNS])
{
    const char *end = strchr(*at, '\n');
    assert_non_null(end);
    for (int i = 0; i < COLUMNS; i++) {
        size_t n = strcspn(*at, ",\n");
        fields[i] = (cm_str){*at, n};
        *at += n;
        assert_int_equal(**at, i + 1 < COLUMNS ? ',' : '\n');
        (*at)++;
    }
    assert_ptr_equal(*at, end + 1);
}

static void assert_digits(cm_str field, const char *digits, size_t least,
                          size_t most)
{
    assert_in_range(field.n, least, most);
    assert_int_equal(strspn(field.p, digits), field.n);
}

static void check_shapes(const cm_str f[COLUMNS])
{
    const char *hex = "0123456789abcdef", *decimal = "0123456789";
    assert_digits(f[0], decimal, 1, 20);
    assert_true(f[0].n == 1 || f[0].p[0] != '0');
    assert_digits(f[1], "01", 1, 1);
    assert_digits(f[2], decimal, 8, 8);
    assert_digits(f[3], decimal, 4, 4);
    assert_digits(f[4], "0124567", 1, 1);
    for (int i = 5; i <= 13; i++) {
        assert_digits(f[i], hex, 8, 8);
    }
    assert_digits(f[14], "0145", 1, 1);
    assert_digits(f[15], "0235", 1, 1);
    for (int i = 16; i < COLUMNS; i++) {
        bool missing = i == 22 && cm_str_is(f[i], "-1");
        if (!missing) {
            assert_digits(f[i], decimal, 1, 6);
        }
    }
}

static bool are(const cm_str f[COLUMNS], int first, const char *a,
                const char *b, const char *c)
{
    return cm_str_is(f[first], a) && cm_str_is(f[first + 1], b) &&
           cm_str_is(f[first + 2], c);
}

static void check_relations(const cm_str f[COLUMNS])
{
    bool in_app = are(f, 5, "85f751fd", "c4e18dd6", "50e219e0");
    bool on_site = are(f, 8, "ecad2386", "7801e8d9", "07d7df22");
    assert_true(in_app != on_site);
    assert_int_equal(cm_str_is(f[14], "0"), cm_str_is(f[3], "1002"));
    assert_int_equal(cm_str_is(f[14], "4") || cm_str_is(f[14], "5"),
                     cm_str_is(f[3], "1010"));
}

static void rows_look_real(void **state)
{
    static const char header[] =
        "id,click,hour,C1,banner_pos,site_id,site_domain,site_category,"
        "app_id,app_domain,app_category,device_id,device_ip,device_model,"
        "device_type,device_conn_type,C14,C15,C16,C17,C18,C19,C20,C21\n";
    enum { ROWS = 30000 };
    cm_generate_report report;
    cm_buf text = generate(ROWS, 3, 0, &report);
    const char *at = text.p + sizeof header - 1;
    uint64_t clicks = 0, apps = 0, null_devices = 0;
    cm_str first_hour = {0}, last_hour = {0};
    (void)state;
    assert_memory_equal(text.p, header, sizeof header - 1);
    for (int row = 0; row < ROWS; row++) {
        cm_str f[COLUMNS];
        next_line(&at, f);
        check_shapes(f);
        check_relations(f);
        assert_true(row == 0 || cm_str_compare(last_hour, f[2]) <= 0);
        last_hour = f[2];
        first_hour = row == 0 ? f[2] : first_hour;
        clicks += cm_str_is(f[1], "1");
        apps += cm_str_is(f[5], "85f751fd");
        null_devices += cm_str_is(f[11], "a99f214a");
    }
    assert_int_equal(*at, '\0');
    assert_true(cm_str_is(first_hour, "14102100"));
    assert_true(cm_str_is(last_hour, "14103023"));
    assert_int_equal(clicks, report.clicks);
    assert_in_range(apps, ROWS * 34 / 100, ROWS * 39 / 100);
    assert_in_range(null_devices, ROWS * 81 / 100, ROWS * 84 / 100);
    cm_buf_release(&text);
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void ids_never_repeat(void **state)
{
    enum { ROWS = 50000 };
    static uint64_t ids[ROWS];
    cm_generate_report report;
    cm_buf text = generate(ROWS, 11, 2, &report);
    const char *at = strchr(text.p, '\n') + 1;
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        ids[i] = strtoull(at, NULL, 10);
        at = strchr(at, '\n') + 1;
    }
    qsort(ids, ROWS, sizeof *ids, compare_u64);
    for (int i = 1; i < ROWS; i++) {
        assert_true(ids[i] != ids[i - 1]);
    }
    cm_buf_release(&text);
}

/* .17 +- .01; sampling alone has a deviation of .0012 here. */
static void click_rate_is_steady(void **state)
{
    static const uint64_t seeds[] = {0, 1, 42, 1000000007, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        cm_generate_report report;
        cm_buf text = generate(100000, seeds[i], 0, &report);
        cm_buf_release(&text);
        assert_in_range(report.clicks, 16000, 18000);
    }
}

static void any_number_of_rows(void **state)
{
    static const uint64_t rows[] = {1, 2, 241, 8191, 8192, 8193};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cm_generate_report report;
        cm_buf text = generate(rows[i], 9, 2, &report);
        uint64_t lines = 0;
        for (size_t b = 0; b < text.n; b++) {
            lines += text.p[b] == '\n';
        }
        assert_int_equal(lines, rows[i] + 1);
        cm_buf_release(&text);
    }
}

static cm_status generate_to(const char *output, uint64_t rows, cm_error *err)
{
    cm_generate_options options = {
        .rows = rows, .seed = 1, .output = output, .n_threads = 2};
    cm_generate_report report;
    return cm_generate(&report, &options, err);
}

/* generate to standard output while it is the file at `target`. */
static cm_status generate_to_stdout(const char *target, cm_error *err)
{
    (void)fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int fd = open(target, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(kept >= 0 && fd >= 0);
    assert_true(dup2(fd, STDOUT_FILENO) >= 0);
    close(fd);
    cm_status status = generate_to("-", 20000, err);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    return status;
}

static void standard_output_gets_the_same(void **state)
{
    cm_generate_report report;
    cm_error err;
    cm_buf want = generate(20000, 1, 2, &report);
    (void)state;
    assert_int_equal(generate_to_stdout(path, &err), CM_OK);
    cm_buf got = read_log();
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.p, want.p, want.n);
    cm_buf_release(&got);
    cm_buf_release(&want);
}

static void full_disk_is_reported(void **state)
{
    cm_error err;
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        print_message("SKIP: no /dev/full here\n");
        skip();
    }
    assert_int_equal(generate_to_stdout("/dev/full", &err), CM_ERR_IO);
    assert_non_null(strstr(err.message, "standard output"));
    assert_int_equal(generate_to("/dev/full", 20000, &err), CM_ERR_IO);
    assert_non_null(strstr(err.message, "/dev/full"));
}

static void refuses(void **state)
{
    char missing[700];
    cm_error err;
    (void)state;
    assert_int_equal(generate_to(path, 0, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "0 rows"));
    assert_int_equal(generate_to(path, UINT64_MAX, &err), CM_ERR_USAGE);
    assert_int_equal(generate_to("x.csv.gz", 5, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "gzip"));
    assert_int_equal(generate_to("x.zst", 5, &err), CM_ERR_USAGE);
    (void)snprintf(missing, sizeof missing, "%s/no/such/log.csv", folder);
    assert_int_equal(generate_to(missing, 5, &err), CM_ERR_IO);
    assert_non_null(strstr(err.message, missing));
}

static void alias_draws_as_weighted(void **state)
{
    static const double weights[] = {5, 0, 1, 2.5, 0.5, 1};
    enum { DRAWS = 200000 };
    uint64_t counts[6] = {0};
    cm_arena arena = {0};
    cm_alias alias;
    cm_error err;
    cm_rng rng = cm_rng_stream(3, 4);
    (void)state;
    assert_int_equal(cm_alias_build(&alias, &arena, weights, 6, &err), CM_OK);
    for (int i = 0; i < DRAWS; i++) {
        counts[cm_alias_draw(&alias, cm_rng_next(&rng))]++;
    }
    assert_int_equal(counts[1], 0);
    for (int i = 0; i < 6; i++) {
        double share = (double)counts[i] / DRAWS;
        assert_true(fabs(share - weights[i] / 10) < 0.005);
    }
    cm_arena_release(&arena);
}

static void deal_keeps_shares(void **state)
{
    static const cm_tail tail = {2.0, 5, 500.0};
    static const double shares[] = {0.6, 0.3, 0.08, 0.02};
    double weights[3000], sum = 0.0;
    (void)state;
    cm_tail_weights(weights, 3000, &tail);
    cm_deal deal = cm_deal_start(shares, 4);
    for (int i = 0; i < 3000; i++) {
        assert_true(i == 0 || weights[i] < weights[i - 1]);
        assert_true(cm_deal_next(&deal, weights[i]) < 4);
        sum += weights[i];
    }
    assert_true(fabs(sum - 1.0) < 1e-9);
    for (int i = 0; i < 4; i++) {
        assert_true(fabs(deal.given[i] - shares[i]) < 0.005);
    }
}

static void effects_are_standardized(void **state)
{
    float effects[] = {1.0f, 2.0f, 4.0f};
    static const double weights[] = {1.0, 2.0, 1.0};
    (void)state;
    cm_standardize(effects, weights, 3);
    double mean = 0.0, square = 0.0;
    for (int i = 0; i < 3; i++) {
        mean += weights[i] / 4 * effects[i];
        square += weights[i] / 4 * effects[i] * effects[i];
    }
    assert_true(fabs(mean) < 1e-6 && fabs(square - 1.0) < 1e-6);
}

static void exponential_is_close(void **state)
{
    (void)state;
    for (double x = -8.0; x <= 8.0; x += 0.37) {
        assert_true(fabs(cm_exact_exp(x) / exp(x) - 1.0) < 1e-12);
    }
}

/* The widest line must fit what the chunks reserve for one. */
static void lines_fit(void **state)
{
    cm_world *world = NULL;
    cm_error err;
    cm_rng rng = cm_rng_stream(1, 2);
    (void)state;
    assert_int_equal(cm_world_new(&world, 1, &err), CM_OK);
    assert_int_equal(cm_world_calibrate(world, &err), CM_OK);
    for (uint64_t row = 0; row < 20000; row++) {
        char line[CM_ROW_MAX];
        cm_impression x;
        cm_impression_draw(&x, world, (uint32_t)(row % CM_WORLD_HOURS), &rng);
        size_t n = cm_impression_write(line, &x, world, row,
                                       cm_impression_click(&x, world));
        assert_in_range(n, 120, CM_ROW_MAX - CM_AD_TEXT);
        assert_int_equal(line[n - 1], '\n');
    }
    cm_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_on_any_threads),
        cmocka_unit_test(golden),
        cmocka_unit_test(seeds_differ),
        cmocka_unit_test(rows_look_real),
        cmocka_unit_test(ids_never_repeat),
        cmocka_unit_test(click_rate_is_steady),
        cmocka_unit_test(any_number_of_rows),
        cmocka_unit_test(standard_output_gets_the_same),
        cmocka_unit_test(full_disk_is_reported),
        cmocka_unit_test(refuses),
        cmocka_unit_test(alias_draws_as_weighted),
        cmocka_unit_test(deal_keeps_shares),
        cmocka_unit_test(effects_are_standardized),
        cmocka_unit_test(exponential_is_close),
        cmocka_unit_test(lines_fit),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
