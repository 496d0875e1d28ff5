/* One file of DVC's configuration being changed.  Private to versioning. */
#ifndef CM_VERSIONING_CONFIG_EDIT_H
#define CM_VERSIONING_CONFIG_EDIT_H

#include "versioning/dvc_config.h"

typedef struct config_edit {
    const cm_repo *repo;
    cm_config_level level;
    char *path;
    cm_ini_file ini;
    cm_error *err; /* of all that fails from begin to end */
} config_edit;

/* End it in every case. */
CM_MUST_USE cm_status config_edit_begin(config_edit *e, const cm_repo *repo,
                                        cm_config_level level, cm_error *err);
CM_MUST_USE cm_status config_edit_save(config_edit *e);
void config_edit_end(config_edit *e);

/* A value from the command line; a path is relative to the working folder. */
CM_MUST_USE cm_status config_edit_set(config_edit *e, cm_ini_section *section,
                                      const char *key, const char *value);
/* What edits of a level see: all levels for the repository's own file, else
 * those below, and the file itself. */
CM_MUST_USE cm_status config_edit_seen(cm_ini_file *out, const config_edit *e);

/* Checks a section as it is with the levels below. */
CM_MUST_USE cm_status config_edit_check(const config_edit *e,
                                        const char *section);

/* 'remote "name"', of the arena of ini. */
const char *config_edit_section(cm_ini_file *ini, const char *name,
                                cm_error *err);
/* A name as an option's key is read: in lower case. */
const char *config_edit_lower(cm_ini_file *ini, const char *text,
                              cm_error *err);

#endif
