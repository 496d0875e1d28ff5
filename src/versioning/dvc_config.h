/* The levels of DVC's configuration.  Private to versioning. */
#ifndef CM_VERSIONING_DVC_CONFIG_H
#define CM_VERSIONING_DVC_CONFIG_H

#include "dvc/ini.h"
#include "versioning/remotes.h"
#include "versioning/repo.h"

struct cm_dvc_config {
    cm_ini_file merged; /* paths are absolute */
};

/* Of the repository with this .dvc: system, global, repository, local; what
 * comes later wins. */
CM_MUST_USE cm_status dvc_config_load(cm_dvc_config **out, const char *dvc_dir,
                                      cm_error *err);
void dvc_config_free(cm_dvc_config *config); /* NULL is fine */

/* The levels up to and without `level`, as edits of it are checked. */
CM_MUST_USE cm_status dvc_config_load_below(cm_ini_file *out,
                                            const char *dvc_dir,
                                            cm_config_level level,
                                            cm_error *err);

/* Path of a level's file; malloc'ed. */
char *dvc_config_path(const char *dvc_dir, cm_config_level level);
/* One level as its file has it; a missing file is empty. */
CM_MUST_USE cm_status dvc_config_read(cm_ini_file *out, const char *path,
                                      cm_error *err);
/* Adds from to into, the paths of from made absolute: they are relative to the
 * folder of its file. */
CM_MUST_USE cm_status dvc_config_merge(cm_ini_file *into,
                                       const cm_ini_file *from,
                                       const char *path, cm_error *err);
/* Whether an option's value is a path, relative to the file's folder. */
bool dvc_config_is_path(const cm_ini_section *section, const char *key);

/* ---- what options there are ------------------------------------------- */

typedef enum option_use {
    OPTION_USED,
    OPTION_IGNORED, /* of DVC alone: nothing depends on it here */
    OPTION_REFUSED  /* would matter, and is not there */
} option_use;

/* Checks a section's options, a remote's by its URL's kind, as DVC does: a name
 * that is none, a value that is none of its option. */
CM_MUST_USE cm_status dvc_config_check(const cm_ini_section *section,
                                       cm_error *err);
/* The first option of the remote that clickmill would have to obey and cannot;
 * NULL: none. */
const cm_ini_option *dvc_config_refused(const cm_ini_section *remote);

#endif
