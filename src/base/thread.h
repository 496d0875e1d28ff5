/* Threads: the one way work is spread over cores. */
#ifndef CM_BASE_THREAD_H
#define CM_BASE_THREAD_H

#include <stddef.h>

/* requested > 0: itself; otherwise the cores this process may run on.  Never
 * more than 256. */
int cm_thread_count(int requested);

typedef void (*cm_task)(void *context, size_t task, int thread);

/* Runs body(context, task, thread) for every task in [0, n_tasks), tasks
 * handed out one at a time to whichever of n_threads threads is free, and
 * returns when all are done.  thread is in [0, n_threads): an index for
 * scratch memory.  Results must depend on the task alone, so that any thread
 * count gives the same bits. */
void cm_parallel(size_t n_tasks, int n_threads, cm_task body, void *context);

/* Threads that stay between jobs, for work of many short ones.  The caller is
 * one of them, and the others only ever help: a job is done when its tasks
 * are, so a thread that the system does not run delays nobody. */
typedef struct cm_team cm_team;

/* NULL, a valid team of the caller alone, for one thread or without memory. */
cm_team *cm_team_new(int n_threads);
/* As cm_parallel.  One job at a time; a body must not use its own team. */
void cm_team_run(cm_team *team, size_t n_tasks, cm_task body, void *context);
void cm_team_free(cm_team *team);

#endif
