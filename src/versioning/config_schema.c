/* The options that DVC 3.67 has for a remote, and what becomes of them here. */
#include <string.h>

#include "base/num.h"
#include "versioning/dvc_config.h"
#include "versioning/paths.h"

typedef enum option_kind {
    KIND_TEXT,
    KIND_BOOL,
    KIND_COUNT,  /* an integer from 1 on */
    KIND_NUMBER, /* an integer from 0 on */
    KIND_LINKS
} option_kind;

typedef struct option_rule {
    const char *name;
    option_kind kind;
    option_use use;
} option_rule;

/* Of every remote. */
static const option_rule common_rules[] = {
    {"url", KIND_TEXT, OPTION_USED},
    {"jobs", KIND_COUNT, OPTION_USED},
    {"checksum_jobs", KIND_COUNT, OPTION_IGNORED},
    {"worktree", KIND_BOOL, OPTION_REFUSED},
    {"version_aware", KIND_BOOL, OPTION_REFUSED},
    {"no_traverse", KIND_BOOL, OPTION_IGNORED},
    {"verify", KIND_BOOL, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule local_rules[] = {
    {"type", KIND_LINKS, OPTION_IGNORED},
    {"protected", KIND_BOOL, OPTION_IGNORED},
    {"shared", KIND_TEXT, OPTION_REFUSED},
    {"slow_link_warning", KIND_BOOL, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule s3_rules[] = {
    {"region", KIND_TEXT, OPTION_USED},
    {"profile", KIND_TEXT, OPTION_USED},
    {"credentialpath", KIND_TEXT, OPTION_USED},
    {"configpath", KIND_TEXT, OPTION_REFUSED},
    {"endpointurl", KIND_TEXT, OPTION_USED},
    {"access_key_id", KIND_TEXT, OPTION_USED},
    {"secret_access_key", KIND_TEXT, OPTION_USED},
    {"session_token", KIND_TEXT, OPTION_USED},
    {"listobjects", KIND_BOOL, OPTION_IGNORED},
    {"use_ssl", KIND_BOOL, OPTION_USED},
    {"ssl_verify", KIND_TEXT, OPTION_USED},
    {"allow_anonymous_login", KIND_BOOL, OPTION_USED},
    {"sse", KIND_TEXT, OPTION_REFUSED},
    {"sse_kms_key_id", KIND_TEXT, OPTION_REFUSED},
    {"sse_customer_algorithm", KIND_TEXT, OPTION_REFUSED},
    {"sse_customer_key", KIND_TEXT, OPTION_REFUSED},
    {"acl", KIND_TEXT, OPTION_REFUSED},
    {"grant_read", KIND_TEXT, OPTION_REFUSED},
    {"grant_read_acp", KIND_TEXT, OPTION_REFUSED},
    {"grant_write_acp", KIND_TEXT, OPTION_REFUSED},
    {"grant_full_control", KIND_TEXT, OPTION_REFUSED},
    {"cache_regions", KIND_BOOL, OPTION_IGNORED},
    {"read_timeout", KIND_NUMBER, OPTION_USED},
    {"connect_timeout", KIND_NUMBER, OPTION_USED},
    {NULL, KIND_TEXT, OPTION_USED}};

enum { MAX_RULES = 64 };

/* Rules by the kind of the URL; NULL: a kind that only DVC has, whose options
 * only it can check. */
static const option_rule *rules_of(const cm_ini_section *remote)
{
    const cm_ini_option *url = cm_ini_get(remote, "url");
    if (url == NULL || !path_is_url(url->text)) {
        return local_rules;
    }
    return strncmp(url->text, "s3://", 5) == 0 ? s3_rules : NULL;
}

static const option_rule *find_rule(const option_rule *rules, const char *name)
{
    for (; rules->name != NULL; rules++) {
        if (strcmp(rules->name, name) == 0) {
            return rules;
        }
    }
    return NULL;
}

static const option_rule *rule_of(const option_rule *rules, const char *name)
{
    const option_rule *rule = find_rule(rules, name);
    return rule != NULL ? rule : find_rule(common_rules, name);
}

/* The only one that begins with word, or else one spelt nearly so. */
static const char *nearest(const char *word, const char *const *names, size_t n)
{
    const char *longer = NULL;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (strncasecmp(names[i], word, strlen(word)) == 0) {
            longer = names[i];
            count++;
        }
    }
    return count == 1 ? longer : cm_nearest_word(cm_str_of(word), names, n);
}

static cm_status refuse_name(const cm_ini_section *remote,
                             const option_rule *rules, const char *name,
                             cm_error *err)
{
    const char *names[MAX_RULES];
    size_t n = 0;
    for (const option_rule *r = rules; r->name != NULL; r++) {
        names[n++] = r->name;
    }
    for (const option_rule *r = common_rules; r->name != NULL; r++) {
        names[n++] = r->name;
    }
    const char *near = nearest(name, names, n);
    return cm_fail(err, CM_ERR_USAGE,
                   "config file error: %s has no option '%s' for a remote %s%s"
                   "%s%s",
                   remote->name, name,
                   rules == s3_rules ? "in S3" : "in a local folder",
                   near != NULL ? "; did you mean '" : "",
                   near != NULL ? near : "", near != NULL ? "'?" : "");
}

static bool is_links(const cm_ini_option *option)
{
    static const char *const kinds[] = {"reflink", "hardlink", "symlink",
                                        "copy"};
    const char *p = option->text;
    while (*p != '\0') {
        size_t n = strcspn(p, ",");
        cm_str word = cm_str_trim((cm_str){p, n});
        bool known = false;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            known |= cm_str_is(word, kinds[i]);
        }
        if (!known) {
            return false;
        }
        p += n;
        p += *p == ',';
    }
    return true;
}

/* What the value should have been; NULL: it is. */
static const char *expected(const cm_ini_option *option, option_kind kind)
{
    uint64_t value = 0;
    cm_str text = cm_str_of(option->text);
    switch (kind) {
    case KIND_BOOL:
        return strcasecmp(option->text, "true") == 0 ||
                       strcasecmp(option->text, "false") == 0
                   ? NULL
                   : "true or false";
    case KIND_COUNT:
        return cm_parse_u64(text, &value) && value > 0 ? NULL
                                                       : "an integer from 1 on";
    case KIND_NUMBER:
        return cm_parse_u64(text, &value) ? NULL : "an integer";
    case KIND_LINKS:
        return is_links(option) ? NULL : "reflink, hardlink, symlink or copy";
    case KIND_TEXT:
        break;
    }
    return option->list ? "one text without commas" : NULL;
}

cm_status dvc_config_check_remote(const cm_ini_section *remote, cm_error *err)
{
    const option_rule *rules = rules_of(remote);
    if (cm_ini_get(remote, "url") == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "config file error: %s has no url; set it with "
                       "clickmill remote modify NAME url URL",
                       remote->name);
    }
    for (size_t i = 0; rules != NULL && i < remote->n; i++) {
        const cm_ini_option *option = &remote->options[i];
        const option_rule *rule = rule_of(rules, option->key);
        if (rule == NULL) {
            return refuse_name(remote, rules, option->key, err);
        }
        const char *wanted = expected(option, rule->kind);
        bool secret = cm_remote_option_is_secret(option->key);
        if (wanted != NULL) {
            return cm_fail(err, CM_ERR_USAGE,
                           "config file error: found %s = %s in %s, expected "
                           "%s",
                           option->key, secret ? "…" : option->text,
                           remote->name, wanted);
        }
    }
    return CM_OK;
}

const cm_ini_option *dvc_config_refused(const cm_ini_section *remote)
{
    const option_rule *rules = rules_of(remote);
    for (size_t i = 0; rules != NULL && i < remote->n; i++) {
        const cm_ini_option *option = &remote->options[i];
        const option_rule *rule = rule_of(rules, option->key);
        bool off = rule != NULL && rule->kind == KIND_BOOL &&
                   strcasecmp(option->text, "false") == 0;
        if (rule != NULL && rule->use == OPTION_REFUSED && !off) {
            return option;
        }
    }
    return NULL;
}

bool cm_remote_option_is_secret(const char *option)
{
    static const char *const names[] = {
        "secret_access_key", "session_token",  "sse_customer_key",
        "password",          "passphrase",     "token",
        "sas_token",         "account_key",    "connection_string",
        "client_secret",     "oss_key_secret", "access_key_id",
        "custom_auth_header"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(option, names[i]) == 0) {
            return true;
        }
    }
    return false;
}
