/* clickmill dvc config */
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/repository.h"
#include "versioning/options.h"

typedef struct configuring {
    cm_repo repo;
    cm_config_level level;
    bool level_named;
} configuring;

/* Above the repository none is needed; one whose options are wrong is good
 * enough to set them right. */
static cm_status begin(configuring *g, const cli_context *c, bool setting,
                       cm_error *err)
{
    cm_status status = cli_config_level(c, &g->level, &g->level_named, err);
    bool needed = g->level_named ? g->level >= CM_CONFIG_REPO : setting;
    if (status != CM_OK) {
        return status;
    }
    status = cm_repo_find(&g->repo, NULL, needed ? err : NULL);
    return status == CM_ERR_USAGE && !needed ? CM_OK : status;
}

static cm_status list(configuring *g, cm_error *err)
{
    cm_buf text = {0};
    cm_status status = cm_options_list(&text, &g->repo,
                                       g->level_named ? &g->level : NULL, err);
    if (status != CM_OK || text.n == 0) {
        cm_buf_release(&text);
        return status;
    }
    return cli_print_text(&text, err);
}

/* One that is set nowhere prints nothing. */
static cm_status get(configuring *g, const char *name, cm_error *err)
{
    char *value = NULL;
    cm_status status = cm_option_get(
        &value, &g->repo, g->level_named ? &g->level : NULL, name, err);
    if (value != NULL) {
        puts(value);
    }
    free(value);
    return status;
}

static cm_status set(configuring *g, const cli_context *c, const char *value,
                     cm_error *err)
{
    const char *name = c->words[0], *dot = strrchr(name, '.');
    cm_status status = cm_option_set(&g->repo, g->level, name, value, err);
    if (status == CM_OK && value != NULL && dot != NULL) {
        cli_warn_of_secret(c, g->level, dot + 1);
    }
    if (status == CM_OK && strcmp(name, "cache.type") == 0) {
        cm_info(&c->log, "files of the workspace keep the links they have; "
                         "clickmill checkout --relink makes them anew");
    }
    return status;
}

static cm_status check_words(const cli_context *c, cm_error *err)
{
    bool unset = cli_switch(c, "unset"), listed = cli_switch(c, "list");
    size_t most = listed ? 0 : unset ? 1 : 2, least = listed ? 0 : 1;
    return c->n_words >= least && c->n_words <= most && !(listed && unset)
               ? CM_OK
               : cm_fail(err, CM_ERR_USAGE,
                         "expected SECTION.OPTION, SECTION.OPTION VALUE, "
                         "--unset SECTION.OPTION or --list");
}

cm_status cli_dvc_config(cli_context *c, cm_error *err)
{
    configuring g = {.repo = {.lock = -1}};
    bool setting = c->n_words > 1 || cli_switch(c, "unset");
    cm_status status = check_words(c, err);
    if (status == CM_OK) {
        status = begin(&g, c, setting, err);
    }
    if (status == CM_OK) {
        status = setting ? set(&g, c, c->n_words > 1 ? c->words[1] : NULL, err)
                 : cli_switch(c, "list") ? list(&g, err)
                                         : get(&g, c->words[0], err);
    }
    cm_repo_close(&g.repo);
    return status;
}
