/* .dvcignore: which files of the workspace DVC does not see.  The rules are
 * those of .gitignore as Python's pathspec reads them, which DVC asks. */
#ifndef CM_DVC_IGNORE_H
#define CM_DVC_IGNORE_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"

typedef struct cm_ignore cm_ignore;

/* Where files are looked for, relative to the root. */
typedef struct cm_ignore_files {
    /* Appends the file to out; *found: whether it is there. */
    cm_status (*read)(const void *context, const char *path, cm_buf *out,
                      bool *found, cm_error *err);
    /* Whether a file or folder is there. */
    cm_status (*has)(const void *context, const char *path, bool *has,
                     cm_error *err);
    const void *context;
} cm_ignore_files;

/* For the repository at root, or one whose files are elsewhere.  One thread at
 * a time. */
CM_MUST_USE cm_status cm_ignore_open(cm_ignore **out, const char *root,
                                     cm_error *err);
CM_MUST_USE cm_status cm_ignore_open_in(cm_ignore **out,
                                        const cm_ignore_files *files,
                                        cm_error *err);
void cm_ignore_close(cm_ignore *ignore); /* NULL is fine */

/* Whether path, relative to the root, is ignored, itself or by a folder above
 * it.  Quick when asked folder by folder.  A folder with a .dvc of its own is
 * another repository, and ignored. */
CM_MUST_USE cm_status cm_ignore_check(cm_ignore *ignore, const char *path,
                                      bool is_folder, bool *ignored,
                                      cm_error *err);

/* ---- one rule, private to this module ---------------------------------- */

typedef struct ignore_rule {
    struct ignore_token *tokens; /* (n), of an arena */
    size_t n;
    const char *needle; /* every path that matches has it; NULL: none */
    bool ignores;       /* else "!": it takes back */
    bool folder_only;   /* ends with '/' */
} ignore_rule;

/* *valid: false for an empty line, a comment, and what no path matches. */
CM_MUST_USE cm_status ignore_rule_parse(ignore_rule *out, bool *valid,
                                        cm_str line, cm_arena *arena,
                                        cm_error *err);
bool ignore_rule_matches(const ignore_rule *rule, const char *path,
                         bool is_folder);

#endif
