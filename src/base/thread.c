/* Tasks spread over threads: OpenMP, or plain pthreads for ThreadSanitizer,
 * to which the synchronisation inside libgomp is invisible. */
#include "base/thread.h"

#include <sched.h>
#include <unistd.h>

#ifdef CM_THREADS_PTHREAD
#include <pthread.h>
#include <stdatomic.h>
#endif

enum { MAX_THREADS = 256 };

static int clamp(long n)
{
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (int)n;
}

int cm_thread_count(int requested)
{
    if (requested > 0) {
        return clamp(requested);
    }
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        return clamp(CPU_COUNT(&allowed));
    }
    /* More processors than cpu_set_t holds. */
    return clamp(sysconf(_SC_NPROCESSORS_ONLN));
}

#ifdef CM_THREADS_PTHREAD

typedef struct job {
    atomic_size_t next;
    size_t n_tasks;
    cm_task body;
    void *context;
} job;

typedef struct worker {
    job *job;
    int thread;
    pthread_t id;
} worker;

static void *work(void *argument)
{
    worker *self = argument;
    job *shared = self->job;
    for (;;) {
        size_t task = atomic_fetch_add(&shared->next, 1);
        if (task >= shared->n_tasks) {
            return NULL;
        }
        shared->body(shared->context, task, self->thread);
    }
}

static void run(size_t n_tasks, int n_threads, cm_task body, void *context)
{
    job shared = {.n_tasks = n_tasks, .body = body, .context = context};
    worker workers[MAX_THREADS];
    int started = 1;
    for (; started < n_threads; started++) {
        workers[started] = (worker){.job = &shared, .thread = started};
        /* Fewer threads give the same result, only later. */
        if (pthread_create(&workers[started].id, NULL, work,
                           &workers[started]) != 0) {
            break;
        }
    }
    workers[0] = (worker){.job = &shared};
    work(&workers[0]);
    for (int i = 1; i < started; i++) {
        pthread_join(workers[i].id, NULL);
    }
}

#else

/* Declared here, not by omp.h, so that a build without -fopenmp still links:
 * the pragma is then ignored and one thread does all. */
#ifdef _OPENMP
extern int omp_get_thread_num(void);
#else
static int omp_get_thread_num(void)
{
    return 0;
}
#endif

static void run(size_t n_tasks, int n_threads, cm_task body, void *context)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads)
    for (size_t task = 0; task < n_tasks; task++) {
        body(context, task, omp_get_thread_num());
    }
}

#endif

void cm_parallel(size_t n_tasks, int n_threads, cm_task body, void *context)
{
    n_threads = clamp(n_threads);
    if (n_tasks < (size_t)n_threads) {
        n_threads = clamp((long)n_tasks);
    }
    if (n_threads == 1) {
        for (size_t task = 0; task < n_tasks; task++) {
            body(context, task, 0);
        }
        return;
    }
    run(n_tasks, n_threads, body, context);
}
