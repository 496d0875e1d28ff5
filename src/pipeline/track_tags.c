/* Who trained with which code: tags as MLflow names them. */
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "pipeline/track_body.h"
#include "versioning/git_head.h"

/* As Python's getpass.getuser() finds it. */
static const char *user_name(void)
{
    static const char *const names[] = {"LOGNAME", "USER", "LNAME", "USERNAME"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return value;
        }
    }
    const struct passwd *entry = getpwuid(getuid());
    return entry != NULL ? entry->pw_name : "unknown";
}

cm_status track_tags(cm_run *run, const cm_track_options *options,
                     cm_error *err)
{
    cm_git_head head;
    bool versioned = cm_git_head_find(&head, ".");
    const struct {
        const char *key, *value;
        bool known;
    } tags[] = {
        {"mlflow.user", user_name(), true},
        {"mlflow.source.name", options->command, true},
        {"mlflow.source.type", "LOCAL", true},
        {"mlflow.source.git.commit", head.commit, versioned},
        {"mlflow.source.git.branch", head.branch,
         versioned && head.branch[0] != '\0'},
        {"clickmill.version", CM_VERSION, true},
    };
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof tags / sizeof *tags && status == CM_OK; i++) {
        if (tags[i].known) {
            status = cm_run_tag(run, tags[i].key, tags[i].value, err);
        }
    }
    return status;
}
