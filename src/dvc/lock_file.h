/* dvc.lock: what the stages of dvc.yaml were when they last ran. */
#ifndef CM_DVC_LOCK_FILE_H
#define CM_DVC_LOCK_FILE_H

#include "codec/json.h"
#include "dvc/outs.h"

/* A stage in dvc.lock. */
typedef struct cm_locked_stage {
    const char *name;
    const char *const *commands;
    size_t n_commands;
    bool one_command;
    cm_out *deps, *outs;
    size_t n_deps, n_outs;
    json_t *params; /* {file: {key: value}}; NULL: none.  The file's, which
                       gives it up in cm_lock_file_release */
    cm_str raw;     /* as it was loaded; p NULL: to be written anew */
} cm_locked_stage;

/* Zero-initialised is an empty one. */
typedef struct cm_lock_file {
    cm_locked_stage *stages;
    size_t n, capacity;
    cm_str head, tail; /* text before and behind the stages, as loaded */
    cm_arena arena;
} cm_lock_file;

/* A file that is not there is an empty one. */
CM_MUST_USE cm_status cm_lock_file_load(cm_lock_file *lock, const char *path,
                                        cm_error *err);
/* path names the text in errors. */
CM_MUST_USE cm_status cm_lock_file_parse(cm_lock_file *lock, cm_str text,
                                         const char *path, cm_error *err);
cm_locked_stage *cm_lock_file_find(const cm_lock_file *lock, const char *name);
/* Puts a stage in the place of the one of its name, or at the end.  Its texts
 * must live as long as the file; takes its params. */
CM_MUST_USE cm_status cm_lock_file_set(cm_lock_file *lock,
                                       const cm_locked_stage *stage,
                                       cm_error *err);
/* The bytes that DVC writes; stages that were loaded and not set stay as they
 * stood. */
CM_MUST_USE cm_status cm_lock_file_format(const cm_lock_file *lock, cm_buf *out,
                                          cm_error *err);
void cm_lock_file_release(cm_lock_file *lock);

/* One stage's value in dvc.lock, which is also the entry of a run cache
 * (cm_yaml_put_document writes it): everything in DVC's order, whatever order
 * it is given in.  Release with json_decref. */
CM_MUST_USE cm_status cm_locked_stage_json(json_t **out,
                                           const cm_locked_stage *stage,
                                           cm_error *err);

#endif
