/* Parallel tasks that can fail. */
#ifndef CM_BASE_TASKS_H
#define CM_BASE_TASKS_H

#include <stddef.h>

#include "base/error.h"

typedef cm_status (*cm_fallible_task)(void *context, size_t task,
                                      cm_error *err);

/* cm_parallel over all tasks; of those that fail, the first one's error. */
CM_MUST_USE cm_status cm_try_parallel(size_t n_tasks, int n_threads,
                                      cm_fallible_task body, void *context,
                                      cm_error *err);

#endif
