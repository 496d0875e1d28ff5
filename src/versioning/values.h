/* Metrics and parameters as the stages name them: of the workspace, of a
 * revision of git, and what differs between two of them. */
#ifndef CM_VERSIONING_VALUES_H
#define CM_VERSIONING_VALUES_H

#include "codec/json.h"
#include "versioning/repo.h"

typedef enum cm_values_kind {
    CM_VALUES_METRICS,
    CM_VALUES_PARAMS
} cm_values_kind;

typedef struct cm_values_options {
    cm_values_kind kind;
    /* Files relative to the root; none: those that the stages and the top of
     * dvc.yaml name. */
    const char *const *files;
    size_t n_files;
    bool all; /* in a difference: what is equal too */
} cm_values_options;

/* {file: {"data": values}}, and {file: {"error": {"type", "msg"}}} for a file
 * that cannot be read; rev NULL or "workspace": as it is now.  Release with
 * json_decref. */
CM_MUST_USE cm_status cm_values_show(json_t **out, const cm_repo *repo,
                                     const cm_values_options *options,
                                     const char *rev, cm_error *err);

/* {file: {key: {"old", "new", "diff"}}}: "diff" for numbers alone.  Empty in a
 * repository without commits. */
CM_MUST_USE cm_status cm_values_diff(json_t **out, const cm_repo *repo,
                                     const cm_values_options *options,
                                     const char *old_rev, const char *new_rev,
                                     cm_error *err);

/* A value as DVC's tables have it; reals rounded to this many digits behind the
 * point, 0: not rounded. */
void cm_values_put(cm_buf *out, const json_t *value, int digits);

/* {key.key: value} of a value; one that is no map has the key "".  NULL without
 * memory. */
json_t *cm_values_flat(const json_t *value);

#endif
