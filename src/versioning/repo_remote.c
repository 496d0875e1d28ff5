/* A remote's options as settings of a storage. */
#include <string.h>

#include "base/num.h"
#include "versioning/dvc_config.h"
#include "versioning/paths.h"

static cm_status unknown_remote(const cm_repo *repo, const char *name,
                                cm_error *err)
{
    enum { MAX_NAMES = 64 };
    const char *names[MAX_NAMES];
    cm_arena arena = {0};
    size_t n = 0;
    cm_status status = CM_OK;
    while (n < MAX_NAMES && status == CM_OK) {
        status = cm_dvc_config_remote(repo->config, n, &arena, &names[n], err);
        if (status != CM_OK || names[n] == NULL) {
            break;
        }
        n++;
    }
    const char *near = cm_nearest_word(cm_str_of(name), names, n);
    status = cm_fail(err, CM_ERR_USAGE,
                     "config file error: remote '%s' doesn't exist%s%s%s; see "
                     "clickmill remote list",
                     name, near != NULL ? ", did you mean '" : "",
                     near != NULL ? near : "", near != NULL ? "'?" : "");
    cm_arena_release(&arena);
    return status;
}

static cm_status find_remote(const cm_repo *repo, const char *name,
                             const cm_ini_section **out, cm_error *err)
{
    if (name == NULL) {
        name = cm_dvc_config_get(repo->config, "core", "remote");
    }
    if (name == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "there is no default remote; name one with --remote, "
                       "or add one: clickmill remote add --default NAME URL");
    }
    const cm_ini_file *ini = &repo->config->merged;
    for (size_t i = 0; i < ini->n; i++) {
        cm_str found;
        if (cm_ini_named(&ini->sections[i], "remote", &found) &&
            found.n == strlen(name) &&
            strncasecmp(found.p, name, found.n) == 0) {
            *out = &ini->sections[i];
            return CM_OK;
        }
    }
    return unknown_remote(repo, name, err);
}

static cm_status check_supported(const cm_ini_section *remote, cm_error *err)
{
    const char *url = cm_ini_get(remote, "url")->text;
    const cm_ini_option *refused = dvc_config_refused(remote);
    if (path_is_url(url) && strncmp(url, "s3://", 5) != 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "found %.*s… as the url of %s; clickmill has s3:// and "
                       "local folders, use dvc for this one",
                       (int)(strstr(url, "://") - url) + 3, url, remote->name);
    }
    if (refused != NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s has the option %s, which clickmill does not have "
                       "and must not overlook; use dvc for this remote, or "
                       "remove the option",
                       remote->name, refused->key);
    }
    return CM_OK;
}

static const char *text(const cm_ini_section *remote, const char *key)
{
    const cm_ini_option *option = cm_ini_get(remote, key);
    return option != NULL && option->text[0] != '\0' ? option->text : NULL;
}

static bool is(const cm_ini_section *remote, const char *key, const char *value)
{
    const char *found = text(remote, key);
    return found != NULL && strcasecmp(found, value) == 0;
}

/* 0 where it says nothing; checked to be a number. */
static uint64_t number(const cm_ini_section *remote, const char *key)
{
    uint64_t value = 0;
    const char *found = text(remote, key);
    (void)(found != NULL && cm_parse_u64(cm_str_of(found), &value));
    return value;
}

static void fill(cm_storage_settings *out, const cm_ini_section *remote)
{
    enum { MOST_JOBS = 1024 };
    uint64_t jobs = number(remote, "jobs");
    *out = (cm_storage_settings){
        .url = text(remote, "url"),
        .endpoint_url = text(remote, "endpointurl"),
        .region = text(remote, "region"),
        .profile = text(remote, "profile"),
        .credential_path = text(remote, "credentialpath"),
        .access_key_id = text(remote, "access_key_id"),
        .secret_access_key = text(remote, "secret_access_key"),
        .session_token = text(remote, "session_token"),
        .ssl_verify = text(remote, "ssl_verify"),
        .use_ssl_false = is(remote, "use_ssl", "false"),
        .anonymous = is(remote, "allow_anonymous_login", "true"),
        .connect_timeout = (double)number(remote, "connect_timeout"),
        .read_timeout = (double)number(remote, "read_timeout"),
        .jobs = (unsigned)(jobs < MOST_JOBS ? jobs : MOST_JOBS)};
}

cm_status cm_repo_remote(const cm_repo *repo, const char *name,
                         cm_storage_settings *out, cm_error *err)
{
    const cm_ini_section *remote = NULL;
    *out = (cm_storage_settings){0};
    cm_status status = find_remote(repo, name, &remote, err);
    if (status == CM_OK) {
        status = dvc_config_check(remote, err);
    }
    if (status == CM_OK) {
        status = check_supported(remote, err);
    }
    if (status == CM_OK) {
        fill(out, remote);
    }
    return status;
}
