/* One out made what an object is: first a plan, then the doing, so that nothing
 * is touched where something would be lost.  Private to versioning. */
#ifndef CM_VERSIONING_CHECKOUT_H
#define CM_VERSIONING_CHECKOUT_H

#include "versioning/links.h"
#include "versioning/walk.h"

/* A file to make or to remove. */
typedef struct checkout_file {
    const char *path; /* absolute */
    const char *md5;  /* of what is made; of what is removed */
    uint64_t size;
} checkout_file;

typedef struct checkout_files {
    checkout_file *items;
    size_t n, capacity;
} checkout_files;

typedef struct checkout_plan {
    const cm_repo *repo;
    char *path; /* of the out, absolute */
    bool is_folder, was_there, is_exec;
    checkout_files make, remove;
    checkout_files unsaved; /* removed or replaced, and not in the cache */
    checkout_files missing; /* wanted, and not in the cache */
    bool replaces; /* of `make` there are some in the place of another file */
    walk have;
    cm_listing listing;
    cm_arena arena;
} checkout_plan;

/* path and part are relative to the root; part (NULL: all) is the part of the
 * folder path that is asked for.  Release in every case. */
CM_MUST_USE cm_status checkout_plan_make(checkout_plan *plan,
                                         const cm_repo *repo,
                                         cm_file_state *state, const char *path,
                                         const char *part, const cm_out *out,
                                         bool relink, cm_error *err);
void checkout_plan_release(checkout_plan *plan);
bool checkout_plan_changes(const checkout_plan *plan);

/* CM_ERR_DATA naming the files that would be lost. */
CM_MUST_USE cm_status checkout_refuse_loss(const checkout_plan *plans, size_t n,
                                           cm_error *err);
CM_MUST_USE cm_status checkout_refuse_missing(const checkout_plan *plan,
                                              cm_error *err);
CM_MUST_USE cm_status checkout_do(const checkout_plan *plan,
                                  cm_file_state *state, linker *l,
                                  cm_error *err);

#endif
