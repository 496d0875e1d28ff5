/* What running commands read and write, told to other processes: DVC's
 * .dvc/tmp/rwlock.  The repository's own lock is not held meanwhile.  Private
 * to versioning. */
#ifndef CM_VERSIONING_RWLOCK_H
#define CM_VERSIONING_RWLOCK_H

#include "versioning/graph.h"

/* Says that this process runs the steps (n), and no others: reads their deps,
 * writes their outs. */
CM_MUST_USE cm_status rwlock_tell(const cm_repo *repo,
                                  const graph_step *const *steps, size_t n,
                                  cm_error *err);

#endif
