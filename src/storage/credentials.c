/* Access to S3, asked for in the places where boto3 asks. */
#include "storage/credentials.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "storage/aws_ini.h"

enum { MAX_CONFIG = 1 << 20 };

typedef struct search {
    const cm_storage_settings *settings;
    cm_arena *arena;
    const char *profile; /* NULL: none was named */
    const char *credentials_path, *config_path;
    cm_buf credentials, config; /* the files; empty when not there */
    char section[256];          /* of the profile in config */
    bool no_memory;             /* a text could not be kept */
    cm_error *err;
} search;

/* An empty variable is one that is not set. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a != NULL ? a : b != NULL ? b : c;
}

/* ---- the files ---------------------------------------------------------- */

static char *kept_bytes(search *s, const char *bytes, size_t n)
{
    char *copy = cm_arena_strdup(s->arena, bytes, n, s->err);
    s->no_memory = s->no_memory || copy == NULL;
    return copy;
}

/* NULL for an empty one. */
static const char *kept(search *s, cm_str value)
{
    return value.n == 0 ? NULL : kept_bytes(s, value.p, value.n);
}

static char *kept_buf(search *s, cm_buf *text)
{
    char *copy = text->failed ? NULL : kept_bytes(s, text->p, text->n);
    s->no_memory = s->no_memory || text->failed;
    cm_buf_release(text);
    return copy;
}

/* "~/.aws/x"; NULL without a home. */
static char *home_path(search *s, const char *name)
{
    const char *home = environment("HOME");
    cm_buf path = {0};
    if (home == NULL) {
        return NULL;
    }
    cm_buf_addf(&path, "%s/%s", home, name);
    return kept_buf(s, &path);
}

static const char *expanded(search *s, const char *path)
{
    return strncmp(path, "~/", 2) == 0 ? home_path(s, path + 2) : path;
}

static cm_status load(search *s, cm_buf *out, const char *path)
{
    if (path == NULL || !cm_file_exists(path)) {
        return CM_OK;
    }
    cm_status status = cm_read_file(out, path, MAX_CONFIG, s->err);
    return status != CM_OK
               ? status
               : aws_ini_check((cm_str){out->p, out->n}, path, s->err);
}

static cm_status load_files(search *s)
{
    const char *given =
        first_of(s->settings->credential_path,
                 environment("AWS_SHARED_CREDENTIALS_FILE"), NULL);
    const char *config = environment("AWS_CONFIG_FILE");
    s->credentials_path =
        given != NULL ? expanded(s, given) : home_path(s, ".aws/credentials");
    s->config_path =
        config != NULL ? expanded(s, config) : home_path(s, ".aws/config");
    if (s->settings->credential_path != NULL &&
        (s->credentials_path == NULL || !cm_file_exists(s->credentials_path))) {
        return cm_fail(s->err, CM_ERR_USAGE,
                       "%s: no such file, the remote's credentialpath names "
                       "it",
                       s->settings->credential_path);
    }
    cm_status status = load(s, &s->credentials, s->credentials_path);
    return status != CM_OK ? status : load(s, &s->config, s->config_path);
}

static const char *profile_name(const search *s)
{
    return s->profile != NULL ? s->profile : "default";
}

static const char *in_credentials(search *s, const char *key)
{
    return kept(s, aws_ini_get((cm_str){s->credentials.p, s->credentials.n},
                               profile_name(s), key, NULL));
}

static const char *in_config(search *s, const char *key, const char *inner)
{
    return kept(s, aws_ini_get((cm_str){s->config.p, s->config.n}, s->section,
                               key, inner));
}

static cm_status find_profile(search *s)
{
    s->profile = first_of(s->settings->profile, environment("AWS_PROFILE"),
                          environment("AWS_DEFAULT_PROFILE"));
    bool prefixed = strcmp(profile_name(s), "default") != 0;
    (void)snprintf(s->section, sizeof s->section, "%s%s",
                   prefixed ? "profile " : "", profile_name(s));
    cm_str credentials = {s->credentials.p, s->credentials.n};
    cm_str config = {s->config.p, s->config.n};
    if (s->profile == NULL || !prefixed ||
        aws_ini_has(credentials, s->profile) ||
        aws_ini_has(config, s->section)) {
        return CM_OK;
    }
    return cm_fail(
        s->err, CM_ERR_USAGE,
        "profile %s is neither in %s ([%s]) nor in %s ([%s])", s->profile,
        first_of(s->credentials_path, "~/.aws/credentials", NULL), s->profile,
        first_of(s->config_path, "~/.aws/config", NULL), s->section);
}

/* ---- who we are --------------------------------------------------------- */

static bool take_pair(s3_access *out, const char *id, const char *secret,
                      const char *token, const char *origin)
{
    if (id == NULL || secret == NULL) {
        return false;
    }
    out->access_key_id = id;
    out->secret_access_key = secret;
    out->session_token = token;
    out->origin = origin;
    return true;
}

static const char *origin_of(search *s, const char *path)
{
    cm_buf text = {0};
    cm_buf_addf(&text, "%s, profile %s", path, profile_name(s));
    return kept_buf(s, &text);
}

static const char *copied(search *s, const char *text)
{
    return kept(s, cm_str_of(text));
}

static cm_status half_a_key(search *s, const char *where)
{
    return cm_fail(s->err, CM_ERR_USAGE,
                   "%s: an access key id and a secret access key are wanted, "
                   "only one of them is there",
                   where);
}

/* A profile named by the settings comes before the environment. */
static bool from_environment(search *s, s3_access *out)
{
    return s->settings->profile == NULL &&
           take_pair(
               out, copied(s, environment("AWS_ACCESS_KEY_ID")),
               copied(s, environment("AWS_SECRET_ACCESS_KEY")),
               copied(s, first_of(environment("AWS_SESSION_TOKEN"),
                                  environment("AWS_SECURITY_TOKEN"), NULL)),
               "the environment (AWS_ACCESS_KEY_ID)");
}

static bool from_files(search *s, s3_access *out)
{
    return (s->credentials.n > 0 &&
            take_pair(out, in_credentials(s, "aws_access_key_id"),
                      in_credentials(s, "aws_secret_access_key"),
                      in_credentials(s, "aws_session_token"),
                      origin_of(s, s->credentials_path))) ||
           (s->config.n > 0 &&
            take_pair(out, in_config(s, "aws_access_key_id", NULL),
                      in_config(s, "aws_secret_access_key", NULL),
                      in_config(s, "aws_session_token", NULL),
                      origin_of(s, s->config_path)));
}

static cm_status find_key(search *s, s3_access *out)
{
    const cm_storage_settings *settings = s->settings;
    bool has_id = settings->access_key_id != NULL;
    bool has_secret = settings->secret_access_key != NULL;
    if (settings->anonymous) {
        return CM_OK;
    }
    if (has_id != has_secret) {
        return half_a_key(s, "the remote's configuration");
    }
    if (settings->profile == NULL && !has_id &&
        (environment("AWS_ACCESS_KEY_ID") == NULL) !=
            (environment("AWS_SECRET_ACCESS_KEY") == NULL)) {
        return half_a_key(s, "the environment (AWS_ACCESS_KEY_ID, "
                             "AWS_SECRET_ACCESS_KEY)");
    }
    if (take_pair(out, copied(s, settings->access_key_id),
                  copied(s, settings->secret_access_key),
                  copied(s, settings->session_token),
                  "the remote's configuration") ||
        from_environment(s, out) || from_files(s, out)) {
        return CM_OK;
    }
    return cm_fail(s->err, CM_ERR_USAGE,
                   "%s: no credentials for profile %s: neither in the "
                   "remote's configuration (access_key_id, "
                   "secret_access_key) nor in the environment "
                   "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) nor in %s; "
                   "allow_anonymous_login = true goes without",
                   settings->url, profile_name(s),
                   first_of(s->credentials_path, "~/.aws/credentials", NULL));
}

/* ---- where it is -------------------------------------------------------- */

static void find_place(search *s, s3_access *out)
{
    const char *region =
        first_of(s->settings->region, environment("AWS_DEFAULT_REGION"),
                 environment("AWS_REGION"));
    const char *endpoint =
        first_of(s->settings->endpoint_url, environment("AWS_ENDPOINT_URL_S3"),
                 environment("AWS_ENDPOINT_URL"));
    out->region = region != NULL ? copied(s, region)
                                 : first_of(in_config(s, "region", NULL),
                                            "us-east-1", NULL);
    out->endpoint = endpoint != NULL ? copied(s, endpoint)
                                     : in_config(s, "endpoint_url", NULL);
    const char *style = in_config(s, "s3", "addressing_style");
    out->virtual_host = style != NULL && strcmp(style, "virtual") == 0;
    if (out->endpoint == NULL) {
        out->virtual_host = style == NULL || strcmp(style, "path") != 0;
    }
}

static void find_trust(search *s, s3_access *out)
{
    const char *verify = s->settings->ssl_verify;
    bool says_no = verify != NULL &&
                   (strcasecmp(verify, "false") == 0 ||
                    strcasecmp(verify, "no") == 0 || strcmp(verify, "0") == 0);
    bool says_yes = verify == NULL || strcasecmp(verify, "true") == 0 ||
                    strcasecmp(verify, "yes") == 0 || strcmp(verify, "1") == 0;
    out->verify = !says_no;
    if (says_yes) {
        out->ca_file =
            copied(s, first_of(environment("AWS_CA_BUNDLE"),
                               environment("REQUESTS_CA_BUNDLE"), NULL));
    } else if (!says_no) {
        const char *path = expanded(s, verify);
        out->ca_file = path == NULL ? NULL : copied(s, path);
    }
}

cm_status s3_access_find(s3_access *out, const cm_storage_settings *settings,
                         cm_arena *arena, cm_error *err)
{
    search s = {.settings = settings, .arena = arena, .err = err};
    *out = (s3_access){0};
    cm_status status = load_files(&s);
    if (status == CM_OK) {
        status = find_profile(&s);
    }
    if (status == CM_OK) {
        status = find_key(&s, out);
    }
    if (status == CM_OK) {
        find_place(&s, out);
        find_trust(&s, out);
    }
    if (s.no_memory) {
        status = cm_fail(err, CM_ERR_NOMEM, "no memory for the access to %s",
                         settings->url);
    }
    if (s.credentials.p != NULL) {
        explicit_bzero(s.credentials.p, s.credentials.n);
    }
    cm_buf_release(&s.credentials);
    cm_buf_release(&s.config);
    return status;
}
