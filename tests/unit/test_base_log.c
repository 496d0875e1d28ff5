/* What log and progress write, as text, as JSON and to a terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/thread.h"

typedef struct capture {
    cm_log log;
    char *text;
    size_t n;
} capture;

static void capture_open(capture *c, bool json, bool terminal)
{
    *c = (capture){
        .log = {.level = CM_LOG_INFO, .json = json, .terminal = terminal}};
    c->log.out = open_memstream(&c->text, &c->n);
    assert_non_null(c->log.out);
}

static void capture_close(capture *c)
{
    fclose(c->log.out);
    free(c->text);
}

static void text_lines(void **state)
{
    (void)state;
    capture c;
    capture_open(&c, false, false);
    cm_info(&c.log, "read %d rows", 3);
    cm_warn(&c.log, "odd");
    cm_log_say(&c.log, CM_LOG_ERROR, "bad");
    cm_log_say(&c.log, CM_LOG_DEBUG, "unheard");
    cm_log_say(NULL, CM_LOG_ERROR, "unheard");
    assert_string_equal(c.text, "read 3 rows\nwarning: odd\nerror: bad\n");
    capture_close(&c);
}

static void json_lines(void **state)
{
    (void)state;
    capture c;
    capture_open(&c, true, true);
    cm_warn(&c.log, "a \"b\" \\ \n \xff \xe2\x82\xac");
    assert_int_equal(strncmp(c.text, "{\"time\":\"20", 11), 0);
    const char *rest = strstr(c.text, "\"level\"");
    assert_non_null(rest);
    assert_int_equal(rest - c.text, strlen("{\"time\":\"") +
                                        strlen("2014-10-21T00:00:00.000Z") +
                                        strlen("\","));
    assert_string_equal(rest, "\"level\":\"warning\",\"message\":\"a \\\"b\\\" "
                              "\\\\ \\u000a \\ufffd \xe2\x82\xac\"}\n");
    capture_close(&c);
}

static void add_one(void *context, size_t task, int thread)
{
    (void)task;
    (void)thread;
    cm_progress_add(context, 1);
}

static void progress_counts_all_threads(void **state)
{
    (void)state;
    capture c;
    capture_open(&c, false, false);
    cm_progress *p = cm_progress_new(&c.log, "load", "rows", 5000);
    assert_non_null(p);
    cm_parallel(5000, 4, add_one, p);
    cm_progress_free(p);
    assert_int_equal(strncmp(c.text, "load: 5000 rows, ", 17), 0);
    assert_non_null(strstr(c.text, " rows/s, in "));
    assert_int_equal(c.text[c.n - 1], '\n');
    assert_null(memchr(c.text, '\r', c.n));
    capture_close(&c);
}

static void bar_moves_at_most_ten_times_a_second(void **state)
{
    (void)state;
    capture c;
    capture_open(&c, false, true);
    double started = cm_seconds();
    cm_progress *p = cm_progress_new(&c.log, "fit", "bytes", 400000);
    for (int i = 0; i < 40; i++) {
        struct timespec step = {0, 10000000};
        nanosleep(&step, NULL);
        cm_progress_add(p, 10000);
    }
    cm_progress_free(p);
    size_t draws = 0;
    for (size_t i = 0; i < c.n; i++) {
        draws += c.text[i] == '\r';
    }
    assert_true(draws >= 2);
    assert_non_null(strstr(c.text, " left"));
    assert_non_null(strstr(c.text, "[=========="));
    assert_non_null(strstr(c.text, "0.4 MB, "));
    assert_int_equal(c.text[c.n - 1], '\n');
    assert_true((double)draws <= 10 * (cm_seconds() - started) + 2);
    capture_close(&c);
}

static void progress_may_be_nothing(void **state)
{
    (void)state;
    capture c;
    capture_open(&c, false, false);
    c.log.level = CM_LOG_WARNING;
    assert_null(cm_progress_new(&c.log, "x", "rows", 1));
    assert_null(cm_progress_new(NULL, "x", "rows", 1));
    cm_progress_add(NULL, 1);
    cm_progress_free(NULL);
    capture_close(&c);
}

static void clock_moves_forward(void **state)
{
    (void)state;
    double before = cm_seconds();
    struct timespec step = {0, 2000000};
    nanosleep(&step, NULL);
    assert_true(cm_seconds() - before >= 0.002);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_lines),
        cmocka_unit_test(json_lines),
        cmocka_unit_test(progress_counts_all_threads),
        cmocka_unit_test(bar_moves_at_most_ten_times_a_second),
        cmocka_unit_test(progress_may_be_nothing),
        cmocka_unit_test(clock_moves_forward),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
