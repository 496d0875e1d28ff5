/* Options of DVC's configuration, one by one: what `dvc config` does. */
#ifndef CM_VERSIONING_OPTIONS_H
#define CM_VERSIONING_OPTIONS_H

#include "versioning/remotes.h"

/* Names are "core.autostage", "remote.NAME.url", "db.NAME.url"; level NULL: all
 * of them, what comes later wins.  A repository that is found and not opened
 * (cm_repo_find) is enough, and for the levels above it none is needed. */

/* The value, paths absolute, a list as Python prints it; malloc'ed.  NULL: not
 * set in any level; in the one that is asked for it is CM_ERR_USAGE. */
CM_MUST_USE cm_status cm_option_get(char **out, const cm_repo *repo,
                                    const cm_config_level *level,
                                    const char *name, cm_error *err);
/* Written as DVC writes it; value NULL: the option goes, and must be there.  A
 * name or a value that DVC would refuse is CM_ERR_USAGE. */
CM_MUST_USE cm_status cm_option_set(const cm_repo *repo, cm_config_level level,
                                    const char *name, const char *value,
                                    cm_error *err);
/* Adds lines "core.autostage=true"; secrets are "***". */
CM_MUST_USE cm_status cm_options_list(cm_buf *out, const cm_repo *repo,
                                      const cm_config_level *level,
                                      cm_error *err);

#endif
