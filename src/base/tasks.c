/* Parallel tasks that can fail: each keeps its own error. */
#include "base/tasks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

typedef struct fallible_tasks {
    cm_fallible_task body;
    void *context;
    cm_error *errors; /* (n_tasks) */
} fallible_tasks;

static void run_task(void *context, size_t task, int thread)
{
    (void)thread;
    const fallible_tasks *tasks = context;
    cm_error *own = &tasks->errors[task];
    own->code = tasks->body(tasks->context, task, own);
}

cm_status cm_try_parallel(size_t n_tasks, int n_threads, cm_fallible_task body,
                          void *context, cm_error *err)
{
    cm_error *errors = cm_alloc_zero(n_tasks, sizeof *errors, err);
    if (errors == NULL) {
        return CM_ERR_NOMEM;
    }
    fallible_tasks tasks = {body, context, errors};
    cm_parallel(n_tasks, cm_thread_count(n_threads), run_task, &tasks);
    cm_status status = CM_OK;
    for (size_t i = 0; i < n_tasks && status == CM_OK; i++) {
        status = errors[i].code;
        if (status != CM_OK && err != NULL) {
            *err = errors[i];
        }
    }
    free(errors);
    return status;
}
