/* Waiting for the next question: for its time, or to be told. */
#include "serving/model_watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

struct model_watch {
    live_model *live;
    const cm_model_source *source;
    pthread_t id;
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool reload, stop;
};

static struct timespec time_after(double seconds)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)seconds;
    at.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Without a model there is nothing to serve, and more of a hurry. */
static double time_to_next(const model_watch *watch)
{
    const double hurry = 5;
    double interval = watch->source->interval;
    return live_model_generation(watch->live) == 0 && interval > hurry
               ? hurry
               : interval;
}

/* *reload: asked for; false: stop. */
static bool wait_for_next(model_watch *watch, bool *reload)
{
    struct timespec end = time_after(time_to_next(watch));
    int code = 0;
    pthread_mutex_lock(&watch->lock);
    while (!watch->reload && !watch->stop && code != ETIMEDOUT) {
        code = pthread_cond_timedwait(&watch->told, &watch->lock, &end);
    }
    bool stop = watch->stop;
    *reload = watch->reload;
    watch->reload = false;
    pthread_mutex_unlock(&watch->lock);
    return !stop;
}

static void *run(void *context)
{
    model_watch *watch = context;
    for (bool reload = true; wait_for_next(watch, &reload);) {
        if (reload) {
            cm_error err = {0};
            (void)!live_model_reload(watch->live, &err); /* it says so */
        } else {
            live_model_check(watch->live);
        }
    }
    return NULL;
}

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    CM_ASSERT(pthread_condattr_init(&monotonic) == 0);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    CM_ASSERT(pthread_cond_init(condition, &monotonic) == 0);
    (void)pthread_condattr_destroy(&monotonic);
}

static void release(model_watch *watch)
{
    pthread_cond_destroy(&watch->told);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

cm_status model_watch_start(model_watch **out, live_model *live,
                            const cm_model_source *source, cm_error *err)
{
    model_watch *watch = cm_alloc_zero(1, sizeof *watch, err);
    *out = NULL;
    if (watch == NULL) {
        return CM_ERR_NOMEM;
    }
    watch->live = live;
    watch->source = source;
    watch->reload = true;
    CM_ASSERT(pthread_mutex_init(&watch->lock, NULL) == 0);
    init_condition(&watch->told);
    errno = pthread_create(&watch->id, NULL, run, watch);
    if (errno != 0) {
        cm_status status =
            cm_fail_errno(err, "the thread that asks for models does not "
                               "start; raise ulimit -u");
        release(watch);
        return status;
    }
    *out = watch;
    return CM_OK;
}

void model_watch_reload(model_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    watch->reload = true;
    pthread_cond_signal(&watch->told);
    pthread_mutex_unlock(&watch->lock);
}

void model_watch_stop(model_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    atomic_store(watch->source->stop, true);
    pthread_mutex_lock(&watch->lock);
    watch->stop = true;
    pthread_cond_signal(&watch->told);
    pthread_mutex_unlock(&watch->lock);
    (void)pthread_join(watch->id, NULL);
    release(watch);
}
