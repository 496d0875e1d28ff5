/* Changes of the remotes in a configuration file, byte for byte as `dvc remote`
 * makes them.  Names are in lower case. */
#ifndef CM_VERSIONING_REMOTES_H
#define CM_VERSIONING_REMOTES_H

#include "versioning/repo.h"

typedef enum cm_config_level {
    CM_CONFIG_SYSTEM, /* /etc/xdg/dvc/config */
    CM_CONFIG_GLOBAL, /* ~/.config/dvc/config */
    CM_CONFIG_REPO,   /* .dvc/config */
    CM_CONFIG_LOCAL   /* .dvc/config.local */
} cm_config_level;

enum { CM_CONFIG_LEVELS = 4 };

typedef struct cm_new_remote {
    const char *name;
    const char *url; /* a path is relative to the working folder */
    bool is_default;
    bool force; /* in place of one of the same name */
} cm_new_remote;

CM_MUST_USE cm_status cm_remote_add(const cm_repo *repo, cm_config_level level,
                                    const cm_new_remote *remote, cm_error *err);
/* value NULL: the option goes. */
CM_MUST_USE cm_status cm_remote_modify(const cm_repo *repo,
                                       cm_config_level level, const char *name,
                                       const char *option, const char *value,
                                       cm_error *err);
/* It is no default any more in any level above. */
CM_MUST_USE cm_status cm_remote_remove(const cm_repo *repo,
                                       cm_config_level level, const char *name,
                                       cm_error *err);
CM_MUST_USE cm_status cm_remote_rename(const cm_repo *repo,
                                       cm_config_level level, const char *name,
                                       const char *new_name, cm_error *err);
/* name NULL: there is no default. */
CM_MUST_USE cm_status cm_remote_set_default(const cm_repo *repo,
                                            cm_config_level level,
                                            const char *name, cm_error *err);

/* Whether an option's value must not be seen: a password, a secret key. */
bool cm_remote_option_is_secret(const char *option);
/* A URL without the password that may be in it. */
void cm_url_put(cm_buf *out, const char *url);

#endif
