/* Threads, random numbers and hashes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "base/thread.h"

enum { N_TASKS = 1000 };

typedef struct work {
    int runs[N_TASKS];
    uint64_t results[N_TASKS];
    int n_threads;
    atomic_int bad_threads;
} work;

static void do_task(void *context, size_t task, int thread)
{
    work *w = context;
    if (thread < 0 || thread >= w->n_threads) {
        atomic_fetch_add(&w->bad_threads, 1);
    }
    w->runs[task]++;
    w->results[task] = cm_mix64(task);
}

static void every_task_runs_once(void **state)
{
    (void)state;
    static const int threads[] = {-1, 0, 1, 2, 3, 8, 300};
    static const size_t tasks[] = {0, 1, 2, 7, N_TASKS};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        for (size_t j = 0; j < sizeof tasks / sizeof *tasks; j++) {
            work w = {.n_threads = threads[i] < 1 ? 1 : threads[i]};
            cm_parallel(tasks[j], threads[i], do_task, &w);
            assert_int_equal(atomic_load(&w.bad_threads), 0);
            for (size_t t = 0; t < N_TASKS; t++) {
                assert_int_equal(w.runs[t], t < tasks[j]);
                assert_int_equal(w.results[t], t < tasks[j] ? cm_mix64(t) : 0);
            }
        }
    }
}

static void a_team_does_many_jobs(void **state)
{
    (void)state;
    static const int threads[] = {0, 1, 2, 5};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        cm_team *team = cm_team_new(threads[i]);
        work w = {.n_threads = threads[i] < 1 ? 1 : threads[i]};
        size_t total = 0;
        for (size_t job = 0; job < 3000; job++) {
            size_t n_tasks = job % 8;
            cm_team_run(team, n_tasks, do_task, &w);
            total += n_tasks;
        }
        cm_team_free(team);
        size_t runs = 0;
        for (size_t t = 0; t < N_TASKS; t++) {
            runs += (size_t)w.runs[t];
        }
        assert_int_equal(runs, total);
        assert_int_equal(w.runs[0], 3000 / 8 * 7);
        assert_int_equal(atomic_load(&w.bad_threads), 0);
    }
}

static void start_inner(void *context, size_t task, int thread)
{
    work *all = context;
    (void)thread;
    cm_parallel(10, 2, do_task, &all[task]);
}

static void may_nest(void **state)
{
    (void)state;
    static work all[4];
    for (size_t i = 0; i < 4; i++) {
        all[i].n_threads = 2;
    }
    cm_parallel(4, 2, start_inner, all);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(atomic_load(&all[i].bad_threads), 0);
        for (size_t t = 0; t < 10; t++) {
            assert_int_equal(all[i].runs[t], 1);
        }
    }
}

static void counts_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(cm_thread_count(3), 3);
    assert_int_equal(cm_thread_count(100000), 256);
    assert_true(cm_thread_count(0) >= 1 && cm_thread_count(0) <= 256);
    assert_int_equal(cm_thread_count(-5), cm_thread_count(0));
}

static void random_elements_need_no_order(void **state)
{
    (void)state;
    cm_rng rng = cm_rng_stream(7, 3);
    cm_rng other = cm_rng_stream(7, 4);
    uint64_t in_order[100];
    for (size_t i = 0; i < 100; i++) {
        in_order[i] = cm_rng_next(&rng);
        assert_int_not_equal(in_order[i], cm_rng_next(&other));
    }
    for (size_t i = 100; i-- > 0;) {
        assert_int_equal(cm_rng_at(rng, i), in_order[i]);
    }
}

static void units_are_in_range(void **state)
{
    (void)state;
    assert_true(cm_unit_of(0) == 0);
    assert_true(cm_unit_of(UINT64_MAX) < 1);
    cm_rng rng = cm_rng_stream(1, 1);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        sum += cm_rng_unit(&rng);
    }
    assert_true(fabs(sum / 100000 - 0.5) < 0.005);
}

static void normal_has_its_moments(void **state)
{
    (void)state;
    const int n = 200000;
    cm_rng rng = cm_rng_stream(5, 5);
    double m1 = 0;
    double m2 = 0;
    double m4 = 0;
    for (int i = 0; i < n; i++) {
        double x = cm_rng_normal_at(rng, (uint64_t)i);
        assert_true(isfinite(x));
        m1 += x;
        m2 += x * x;
        m4 += x * x * x * x;
    }
    assert_true(fabs(m1 / n) < 0.01);
    assert_true(fabs(m2 / n - 1) < 0.015);
    assert_true(fabs(m4 / n - 3) < 0.1);
}

static void sha256_of_known_texts(void **state)
{
    (void)state;
    char hex[CM_SHA256_HEX];
    assert_int_equal(cm_sha256(hex, "", 0, NULL), CM_OK);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb924"
                             "27ae41e4649b934ca495991b7852b855");
    assert_int_equal(cm_sha256(hex, "abc", 3, NULL), CM_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");
}

static void xxh3_of_known_texts(void **state)
{
    (void)state;
    assert_true(cm_xxh3("", 0) == 0x2d06800538d394c2ull);
    assert_true(cm_xxh3("abc", 3) == 0x78af5f94892f3950ull);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(a_team_does_many_jobs),
        cmocka_unit_test(may_nest),
        cmocka_unit_test(counts_are_bounded),
        cmocka_unit_test(random_elements_need_no_order),
        cmocka_unit_test(units_are_in_range),
        cmocka_unit_test(normal_has_its_moments),
        cmocka_unit_test(sha256_of_known_texts),
        cmocka_unit_test(xxh3_of_known_texts),
    };
    return cmocka_run_group_tests_name("base/thread", tests, NULL, NULL);
}
