/* The options that DVC 3.67 has, and what becomes of those of remotes here. */
#include <string.h>

#include "base/num.h"
#include "versioning/dvc_config.h"
#include "versioning/paths.h"

typedef enum option_kind {
    KIND_TEXT,
    KIND_BOOL,
    KIND_COUNT,  /* an integer from 1 on */
    KIND_NUMBER, /* an integer from 0 on */
    KIND_LINKS,
    KIND_SHARED, /* how a cache is shared */
    KIND_FLAG,   /* how a command takes true and false */
    KIND_LIST_FLAG
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

static const option_rule core_rules[] = {
    {"remote", KIND_TEXT, OPTION_USED},
    {"checksum_jobs", KIND_COUNT, OPTION_IGNORED},
    {"interactive", KIND_BOOL, OPTION_IGNORED},
    {"analytics", KIND_BOOL, OPTION_IGNORED},
    {"hardlink_lock", KIND_BOOL, OPTION_REFUSED},
    {"no_scm", KIND_BOOL, OPTION_USED},
    {"autostage", KIND_BOOL, OPTION_USED},
    {"experiments", KIND_BOOL, OPTION_IGNORED},
    {"check_update", KIND_BOOL, OPTION_IGNORED},
    {"site_cache_dir", KIND_TEXT, OPTION_IGNORED},
    {"machine", KIND_TEXT, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule cache_rules[] = {
    {"dir", KIND_TEXT, OPTION_USED},
    {"type", KIND_LINKS, OPTION_USED},
    {"protected", KIND_BOOL, OPTION_IGNORED},
    {"shared", KIND_SHARED, OPTION_IGNORED},
    {"slow_link_warning", KIND_BOOL, OPTION_IGNORED},
    {"verify", KIND_BOOL, OPTION_IGNORED},
    {"local", KIND_TEXT, OPTION_IGNORED},
    {"s3", KIND_TEXT, OPTION_IGNORED},
    {"gs", KIND_TEXT, OPTION_IGNORED},
    {"hdfs", KIND_TEXT, OPTION_IGNORED},
    {"webhdfs", KIND_TEXT, OPTION_IGNORED},
    {"ssh", KIND_TEXT, OPTION_IGNORED},
    {"azure", KIND_TEXT, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule state_rules[] = {
    {"dir", KIND_TEXT, OPTION_IGNORED},
    {"row_limit", KIND_COUNT, OPTION_IGNORED},
    {"row_cleanup_quota", KIND_NUMBER, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule index_rules[] = {{"dir", KIND_TEXT, OPTION_IGNORED},
                                          {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule plots_rules[] = {
    {"html_template", KIND_TEXT, OPTION_IGNORED},
    {"auto_open", KIND_BOOL, OPTION_IGNORED},
    {"out_dir", KIND_TEXT, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule exp_rules[] = {
    {"code", KIND_TEXT, OPTION_IGNORED},
    {"data", KIND_TEXT, OPTION_IGNORED},
    {"models", KIND_TEXT, OPTION_IGNORED},
    {"metrics", KIND_TEXT, OPTION_IGNORED},
    {"params", KIND_TEXT, OPTION_IGNORED},
    {"plots", KIND_TEXT, OPTION_IGNORED},
    {"live", KIND_TEXT, OPTION_IGNORED},
    {"auto_push", KIND_BOOL, OPTION_IGNORED},
    {"git_remote", KIND_TEXT, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule parsing_rules[] = {
    {"bool", KIND_FLAG, OPTION_USED},
    {"list", KIND_LIST_FLAG, OPTION_USED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule hydra_rules[] = {
    {"enabled", KIND_BOOL, OPTION_IGNORED},
    {"config_dir", KIND_TEXT, OPTION_IGNORED},
    {"config_module", KIND_TEXT, OPTION_IGNORED},
    {"config_name", KIND_TEXT, OPTION_IGNORED},
    {"plugins_path", KIND_TEXT, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule studio_rules[] = {
    {"token", KIND_TEXT, OPTION_IGNORED},
    {"url", KIND_TEXT, OPTION_IGNORED},
    {"repo_url", KIND_TEXT, OPTION_IGNORED},
    {"offline", KIND_BOOL, OPTION_IGNORED},
    {NULL, KIND_TEXT, OPTION_USED}};

static const option_rule db_rules[] = {{"url", KIND_TEXT, OPTION_IGNORED},
                                       {"username", KIND_TEXT, OPTION_IGNORED},
                                       {"password", KIND_TEXT, OPTION_IGNORED},
                                       {NULL, KIND_TEXT, OPTION_USED}};

/* Sections other than remotes; rules NULL: DVC takes any option. */
static const struct {
    const char *name;
    const option_rule *rules;
} sections[] = {{"core", core_rules},       {"cache", cache_rules},
                {"state", state_rules},     {"index", index_rules},
                {"plots", plots_rules},     {"exp", exp_rules},
                {"parsing", parsing_rules}, {"hydra", hydra_rules},
                {"studio", studio_rules},   {"feature", NULL}};

enum { MAX_RULES = 64, N_SECTIONS = sizeof sections / sizeof *sections };

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

static size_t add_names(const char **names, size_t n, const option_rule *rules)
{
    for (; rules != NULL && rules->name != NULL; rules++) {
        names[n++] = rules->name;
    }
    return n;
}

/* common: more rules, or NULL; where: what kind of section it is. */
static cm_status refuse_name(const cm_ini_section *section,
                             const option_rule *rules,
                             const option_rule *common, const char *where,
                             const char *name, cm_error *err)
{
    const char *names[MAX_RULES];
    size_t n = add_names(names, 0, rules);
    n = add_names(names, n, common);
    const char *near = nearest(name, names, n);
    return cm_fail(
        err, CM_ERR_USAGE, "config file error: %s has no option '%s'%s%s%s%s",
        section->name, name, where, near != NULL ? "; did you mean '" : "",
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

static bool is_one_of(const char *text, const char *a, const char *b)
{
    return strcasecmp(text, a) == 0 || strcasecmp(text, b) == 0;
}

/* What the value should have been; NULL: it is. */
static const char *expected(const cm_ini_option *option, option_kind kind)
{
    uint64_t value = 0;
    cm_str text = cm_str_of(option->text);
    bool number = cm_parse_u64(text, &value);
    switch (kind) {
    case KIND_BOOL:
        return is_one_of(option->text, "true", "false") ? NULL
                                                        : "true or false";
    case KIND_COUNT:
        return number && value > 0 ? NULL : "an integer from 1 on";
    case KIND_NUMBER:
        return number ? NULL : "an integer";
    case KIND_LINKS:
        return is_links(option) ? NULL : "reflink, hardlink, symlink or copy";
    case KIND_SHARED:
        return is_one_of(option->text, "group", "group") ? NULL : "group";
    case KIND_FLAG:
        return is_one_of(option->text, "store_true", "boolean_optional")
                   ? NULL
                   : "store_true or boolean_optional";
    case KIND_LIST_FLAG:
        return is_one_of(option->text, "nargs", "append") ? NULL
                                                          : "nargs or append";
    case KIND_TEXT:
        break;
    }
    return option->list ? "one text without commas" : NULL;
}

static cm_status check_value(const cm_ini_section *section,
                             const cm_ini_option *option, option_kind kind,
                             cm_error *err)
{
    const char *wanted = expected(option, kind);
    bool secret = cm_remote_option_is_secret(option->key);
    return wanted == NULL
               ? CM_OK
               : cm_fail(err, CM_ERR_USAGE,
                         "config file error: found %s = %s in %s, expected %s",
                         option->key, secret ? "…" : option->text,
                         section->name, wanted);
}

static cm_status check_remote(const cm_ini_section *remote, cm_error *err)
{
    const option_rule *rules = rules_of(remote);
    cm_status status = CM_OK;
    if (cm_ini_get(remote, "url") == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "config file error: %s has no url; set it with "
                       "clickmill remote modify NAME url URL",
                       remote->name);
    }
    for (size_t i = 0; rules != NULL && i < remote->n && status == CM_OK; i++) {
        const cm_ini_option *option = &remote->options[i];
        const option_rule *rule = rule_of(rules, option->key);
        status = rule != NULL
                     ? check_value(remote, option, rule->kind, err)
                     : refuse_name(remote, rules, common_rules,
                                   rules == s3_rules
                                       ? " for a remote in S3"
                                       : " for a remote in a local folder",
                                   option->key, err);
    }
    return status;
}

static cm_status check_plain(const cm_ini_section *section,
                             const option_rule *rules, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; rules != NULL && i < section->n && status == CM_OK;
         i++) {
        const cm_ini_option *option = &section->options[i];
        const option_rule *rule = find_rule(rules, option->key);
        status = rule != NULL
                     ? check_value(section, option, rule->kind, err)
                     : refuse_name(section, rules, NULL, "", option->key, err);
    }
    return status;
}

static cm_status refuse_section(const cm_ini_section *section, cm_error *err)
{
    const char *names[N_SECTIONS];
    for (size_t i = 0; i < N_SECTIONS; i++) {
        names[i] = sections[i].name;
    }
    const char *near = nearest(section->name, names, N_SECTIONS);
    return cm_fail(err, CM_ERR_USAGE,
                   "config file error: there is no section '%s'%s%s%s",
                   section->name, near != NULL ? "; did you mean '" : "",
                   near != NULL ? near : "", near != NULL ? "'?" : "");
}

cm_status dvc_config_check(const cm_ini_section *section, cm_error *err)
{
    cm_str name;
    if (cm_ini_named(section, "remote", &name)) {
        return check_remote(section, err);
    }
    if (cm_ini_named(section, "db", &name)) {
        return check_plain(section, db_rules, err);
    }
    for (size_t i = 0; i < N_SECTIONS; i++) {
        if (strcmp(sections[i].name, section->name) == 0) {
            return check_plain(section, sections[i].rules, err);
        }
    }
    return refuse_section(section, err);
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
