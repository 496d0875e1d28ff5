/* Lines for a reader who is quick, slow or gone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serving/line_sink.h"

enum { PIPE_BYTES = 4096 };

typedef struct fixture {
    line_sink *sink;
    int in, out; /* of a small pipe */
} fixture;

static void set_up(fixture *f)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    f->in = ends[0];
    f->out = ends[1];
    (void)fcntl(f->out, F_SETPIPE_SZ, PIPE_BYTES);
    assert_int_equal(line_sink_new(&f->sink, f->out, NULL), CM_OK);
}

/* Ends the sink and the pipe; what came out of it in all. */
static char *take_all(fixture *f, size_t *n)
{
    cm_buf all = {0};
    char piece[PIPE_BYTES];
    ssize_t got = 0;
    line_sink_free(f->sink);
    (void)close(f->out);
    while ((got = read(f->in, piece, sizeof piece)) > 0) {
        cm_buf_add(&all, piece, (size_t)got);
    }
    (void)close(f->in);
    *n = all.n;
    return all.p;
}

static void writes_at_once(void **state)
{
    (void)state;
    fixture f;
    char text[64] = "";
    set_up(&f);
    line_sink_add(f.sink, CM_STR("one\ntwo\n"));
    line_sink_add(f.sink, CM_STR(""));
    assert_int_equal(read(f.in, text, sizeof text), 8);
    assert_memory_equal(text, "one\ntwo\n", 8);
    size_t n = 0;
    free(take_all(&f, &n));
    assert_int_equal(n, 0);
}

static void *read_slowly(void *context)
{
    const fixture *f = context;
    cm_buf *all = calloc(1, sizeof *all);
    char piece[1000];
    ssize_t got = 0;
    while ((got = read(f->in, piece, sizeof piece)) > 0) {
        cm_buf_add(all, piece, (size_t)got);
    }
    return all;
}

static void keeps_for_a_slow_reader(void **state)
{
    (void)state;
    fixture f;
    cm_buf expected = {0};
    set_up(&f);
    for (int i = 0; i < 2000; i++) {
        char line[32];
        int n = snprintf(line, sizeof line, "line %d\n", i);
        cm_buf_adds(&expected, line);
        line_sink_add(f.sink, (cm_str){line, (size_t)n});
    }
    pthread_t reader;
    void *read_by_it = NULL;
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &f), 0);
    line_sink_free(f.sink);
    (void)close(f.out);
    assert_int_equal(pthread_join(reader, &read_by_it), 0);
    cm_buf *all = read_by_it;
    assert_int_equal(all->n, expected.n);
    assert_memory_equal(all->p, expected.p, all->n);
    cm_buf_release(all);
    free(all);
    cm_buf_release(&expected);
    (void)close(f.in);
}

/* Whole lines are left out when too much waits, and counted. */
static void drops_for_a_deaf_reader(void **state)
{
    (void)state;
    fixture f;
    char line[1001];
    set_up(&f);
    memset(line, 'x', sizeof line);
    line[1000] = '\n';
    for (int i = 0; i < 3000; i++) {
        line_sink_add(f.sink, (cm_str){line, sizeof line});
    }
    char piece[PIPE_BYTES];
    size_t read_so_far = 0;
    while (read_so_far < 1000000) {
        ssize_t got = read(f.in, piece, sizeof piece);
        assert_true(got > 0);
        read_so_far += (size_t)got;
        line_sink_add(f.sink, CM_STR(""));
    }
    line_sink_add(f.sink, CM_STR("again\n"));
    size_t n = 0;
    (void)fcntl(f.out, F_SETPIPE_SZ, 1 << 20);
    char *rest = take_all(&f, &n);
    assert_true(n > 0);
    char *note = strstr(rest, "\n{\"dropped\":");
    assert_non_null(note);
    size_t dropped = strtoul(note + 12, NULL, 10);
    size_t kept = (read_so_far + (size_t)(note + 1 - rest)) / sizeof line;
    assert_int_equal(kept + dropped, 3000);
    assert_string_equal(strchr(note + 1, '\n'), "\nagain\n");
    free(rest);
}

static void survives_a_reader_that_left(void **state)
{
    (void)state;
    fixture f;
    (void)signal(SIGPIPE, SIG_IGN);
    set_up(&f);
    (void)close(f.in);
    for (int i = 0; i < 1000; i++) {
        line_sink_add(f.sink, CM_STR("nobody reads this\n"));
    }
    line_sink_free(f.sink);
    (void)close(f.out);
    line_sink_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_at_once),
        cmocka_unit_test(keeps_for_a_slow_reader),
        cmocka_unit_test(drops_for_a_deaf_reader),
        cmocka_unit_test(survives_a_reader_that_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
