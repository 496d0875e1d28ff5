/* clickmill remote add, list, modify, default, remove, rename */
#include <string.h>

#include "cli/output.h"
#include "cli/repository.h"

/* Opens the repository of the working folder, and finds the level. */
static cm_status begin(cli_context *c, cm_repo *repo, cm_config_level *level,
                       cm_error *err)
{
    cm_status status = cm_repo_open(repo, NULL, &c->log, err);
    return status == CM_OK ? cli_config_level(c, level, NULL, err) : status;
}

cm_status cli_remote_add(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_config_level level = CM_CONFIG_REPO;
    cm_new_remote remote = {.name = c->words[0],
                            .url = c->words[1],
                            .is_default = cli_switch(c, "default"),
                            .force = cli_switch(c, "force")};
    cm_status status = begin(c, &repo, &level, err);
    if (status == CM_OK) {
        status = cm_remote_add(&repo, level, &remote, err);
    }
    if (status == CM_OK && remote.is_default) {
        printf("Setting '%s' as a default remote.\n", remote.name);
    }
    cm_repo_close(&repo);
    return status;
}

cm_status cli_remote_modify(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_config_level level = CM_CONFIG_REPO;
    bool unset = cli_switch(c, "unset");
    const char *value = c->n_words > 2 ? c->words[2] : NULL;
    if (unset != (value == NULL)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "expected either a value or --unset for %s",
                       c->words[1]);
    }
    cm_status status = begin(c, &repo, &level, err);
    if (status == CM_OK) {
        status = cm_remote_modify(&repo, level, c->words[0], c->words[1], value,
                                  err);
    }
    if (status == CM_OK && !unset) {
        cli_warn_of_secret(c, level, c->words[1]);
    }
    cm_repo_close(&repo);
    return status;
}

/* With a word it sets, with --unset it forgets, else it prints. */
cm_status cli_remote_default(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_config_level level = CM_CONFIG_REPO;
    const char *name = c->n_words > 0 ? c->words[0] : NULL;
    cm_status status = begin(c, &repo, &level, err);
    if (status == CM_OK && (name != NULL || cli_switch(c, "unset"))) {
        status = cm_remote_set_default(
            &repo, level, cli_switch(c, "unset") ? NULL : name, err);
    } else if (status == CM_OK) {
        name = cm_dvc_config_get(repo.config, "core", "remote");
        puts(name != NULL ? name : "No default remote set");
        c->differs = name == NULL;
    }
    cm_repo_close(&repo);
    return status;
}

cm_status cli_remote_remove(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_config_level level = CM_CONFIG_REPO;
    cm_status status = begin(c, &repo, &level, err);
    if (status == CM_OK) {
        status = cm_remote_remove(&repo, level, c->words[0], err);
    }
    cm_repo_close(&repo);
    return status;
}

cm_status cli_remote_rename(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_config_level level = CM_CONFIG_REPO;
    cm_status status = begin(c, &repo, &level, err);
    if (status == CM_OK) {
        status = cm_remote_rename(&repo, level, c->words[0], c->words[1], err);
    }
    cm_repo_close(&repo);
    return status;
}

/* ---- list ---------------------------------------------------------------- */

typedef struct listed_remote {
    const char *name, *url;
    bool is_default;
} listed_remote;

static cm_status read_remote(const cm_repo *repo, size_t i, cm_arena *arena,
                             listed_remote *out, cm_error *err)
{
    const char *fallback = cm_dvc_config_get(repo->config, "core", "remote");
    cm_buf section = {0}, url = {0};
    *out = (listed_remote){0};
    cm_status status =
        cm_dvc_config_remote(repo->config, i, arena, &out->name, err);
    if (status != CM_OK || out->name == NULL) {
        return status;
    }
    cm_buf_addf(&section, "remote \"%s\"", out->name);
    status = cm_buf_check(&section, err);
    if (status == CM_OK) {
        const char *found = cm_dvc_config_get(repo->config, section.p, "url");
        cm_url_put(&url, found != NULL ? found : "");
        cm_buf_add(&url, "", 1);
        status = cm_buf_check(&url, err);
    }
    if (status == CM_OK) {
        out->url = cm_arena_strdup(arena, url.p, url.n - 1, err);
        status = out->url == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    out->is_default = fallback != NULL && strcasecmp(fallback, out->name) == 0;
    cm_buf_release(&section);
    cm_buf_release(&url);
    return status;
}

static void put_remote(cm_buf *out, const listed_remote *remote)
{
    cm_buf_addf(out, "%s\t%s%s\n", remote->name, remote->url,
                remote->is_default ? "\t(default)" : "");
}

static void put_remote_json(cm_json_writer *w, const listed_remote *remote)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "name", remote->name);
    cm_json_put_text(w, "url", remote->url);
    cm_json_put_bool(w, "default", remote->is_default);
    cm_json_end_object(w);
}

static cm_status put_remotes(const cm_repo *repo, bool json, cm_buf *out,
                             cm_error *err)
{
    cm_json_writer w = cm_json_writer_of(out, 2);
    cm_arena arena = {0};
    cm_status status = CM_OK;
    if (json) {
        cm_json_begin_array(&w, NULL);
    }
    for (size_t i = 0; status == CM_OK; i++) {
        listed_remote remote;
        status = read_remote(repo, i, &arena, &remote, err);
        if (status != CM_OK || remote.name == NULL) {
            break;
        }
        if (json) {
            put_remote_json(&w, &remote);
        } else {
            put_remote(out, &remote);
        }
    }
    if (json) {
        cm_json_end_array(&w);
    }
    cm_arena_release(&arena);
    return status;
}

cm_status cli_remote_list(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_buf out = {0};
    bool json = cli_switch(c, "json");
    cm_status status = cm_repo_open(&repo, NULL, &c->log, err);
    if (status == CM_OK) {
        status = put_remotes(&repo, json, &out, err);
    }
    cm_repo_close(&repo);
    if (status != CM_OK) {
        cm_buf_release(&out);
        return status;
    }
    return json ? cli_print_json(&out, err) : cli_print_text(&out, err);
}
