/* Tasks spread over a team of threads.
 *
 * A job is published as the number of its tasks still open.  Whoever takes one
 * (a compare-and-swap that lowers the number) owns a task of the job published
 * last, whichever job it had looked at before, and that job cannot end while
 * the task is unfinished: so its description may be read after the taking. */
#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MAX_THREADS = 256,
    SPINS = 2000 /* looks before sleeping: some 30 us */
};

typedef struct member {
    cm_team *team;
    int thread;
    pthread_t id;
} member;

struct cm_team {
    atomic_size_t open;       /* tasks nobody has taken */
    atomic_size_t unfinished; /* tasks not yet done */
    atomic_int sleepers;
    atomic_bool quit;
    size_t n_tasks;
    cm_task body;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t wake; /* to members: a job, or the end */
    pthread_cond_t done; /* to the caller */
    int n_members;       /* threads beside the caller */
    member members[];
};

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

static void relax(void)
{
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

static void wake_caller(cm_team *team)
{
    pthread_mutex_lock(&team->lock);
    pthread_cond_signal(&team->done);
    pthread_mutex_unlock(&team->lock);
}

/* Takes and runs tasks until none is open. */
static void work(cm_team *team, int thread)
{
    size_t open = atomic_load(&team->open);
    while (open > 0) {
        if (!atomic_compare_exchange_weak(&team->open, &open, open - 1)) {
            continue;
        }
        team->body(team->context, team->n_tasks - open, thread);
        if (atomic_fetch_sub(&team->unfinished, 1) == 1 && thread > 0) {
            wake_caller(team);
        }
        open = atomic_load(&team->open);
    }
}

static bool is_wanted(cm_team *team)
{
    return atomic_load(&team->open) > 0 || atomic_load(&team->quit);
}

static void sleep_until_wanted(cm_team *team)
{
    for (int i = 0; i < SPINS; i++) {
        if (is_wanted(team)) {
            return;
        }
        relax();
    }
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->sleepers, 1);
    while (!is_wanted(team)) {
        pthread_cond_wait(&team->wake, &team->lock);
    }
    atomic_fetch_sub(&team->sleepers, 1);
    pthread_mutex_unlock(&team->lock);
}

static void *serve(void *argument)
{
    const member *self = argument;
    while (!atomic_load(&self->team->quit)) {
        work(self->team, self->thread);
        sleep_until_wanted(self->team);
    }
    return NULL;
}

static void wake_members(cm_team *team)
{
    if (atomic_load(&team->sleepers) > 0) {
        pthread_mutex_lock(&team->lock);
        pthread_cond_broadcast(&team->wake);
        pthread_mutex_unlock(&team->lock);
    }
}

static void wait_for_members(cm_team *team)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&team->unfinished) == 0) {
            return;
        }
        relax();
    }
    pthread_mutex_lock(&team->lock);
    while (atomic_load(&team->unfinished) > 0) {
        pthread_cond_wait(&team->done, &team->lock);
    }
    pthread_mutex_unlock(&team->lock);
}

cm_team *cm_team_new(int n_threads)
{
    n_threads = clamp(n_threads);
    cm_team *team = n_threads == 1
                        ? NULL
                        : calloc(1, sizeof *team + (size_t)(n_threads - 1) *
                                                       sizeof(member));
    if (team == NULL) {
        return NULL;
    }
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->wake, NULL);
    pthread_cond_init(&team->done, NULL);
    for (; team->n_members < n_threads - 1; team->n_members++) {
        member *next = &team->members[team->n_members];
        *next = (member){.team = team, .thread = team->n_members + 1};
        /* Fewer threads give the same result, only later. */
        if (pthread_create(&next->id, NULL, serve, next) != 0) {
            break;
        }
    }
    return team;
}

void cm_team_run(cm_team *team, size_t n_tasks, cm_task body, void *context)
{
    if (team == NULL || n_tasks == 1) {
        for (size_t task = 0; task < n_tasks; task++) {
            body(context, task, 0);
        }
        return;
    }
    team->n_tasks = n_tasks;
    team->body = body;
    team->context = context;
    atomic_store(&team->unfinished, n_tasks);
    atomic_store(&team->open, n_tasks);
    wake_members(team);
    work(team, 0);
    wait_for_members(team);
}

void cm_team_free(cm_team *team)
{
    if (team == NULL) {
        return;
    }
    atomic_store(&team->quit, true);
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
    for (int i = 0; i < team->n_members; i++) {
        pthread_join(team->members[i].id, NULL);
    }
    pthread_cond_destroy(&team->done);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->lock);
    free(team);
}

void cm_parallel(size_t n_tasks, int n_threads, cm_task body, void *context)
{
    n_threads = clamp(n_threads);
    if (n_tasks < (size_t)n_threads) {
        n_threads = clamp((long)n_tasks);
    }
    cm_team *team = cm_team_new(n_threads);
    cm_team_run(team, n_tasks, body, context);
    cm_team_free(team);
}
