/* The configuration: one table of parameters (params.def), filled from its
 * defaults, a YAML file and flags, in this order. */
#ifndef CM_CONFIG_CONFIG_H
#define CM_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

typedef enum cm_param_type {
    CM_PARAM_BOOL,
    CM_PARAM_INT,
    CM_PARAM_DOUBLE,
    CM_PARAM_STRING,
    CM_PARAM_PATH,
    CM_PARAM_LIST,
    CM_PARAM_ENUM
} cm_param_type;

typedef enum cm_param_group {
    CM_GROUP_PATHS,
    CM_GROUP_INPUT,
    CM_GROUP_SPLIT,
    CM_GROUP_FEATURES,
    CM_GROUP_TRAINING,
    CM_GROUP_TRACKING,
    CM_GROUP_REPORT,
    CM_GROUP_SERVING,
    CM_GROUP_REGISTRY,
    CM_GROUP_MESSAGES,
    CM_N_GROUPS
} cm_param_group;

typedef struct cm_list {
    const char *const *items;
    size_t n;
} cm_list;

/* The C type of a value of each parameter type. */
typedef bool cm_value_BOOL;
typedef int64_t cm_value_INT;
typedef double cm_value_DOUBLE;
typedef const char *cm_value_STRING;
typedef const char *cm_value_PATH;
typedef cm_list cm_value_LIST;
typedef const char *cm_value_ENUM;

/* One row of params.def. */
typedef struct cm_param {
    const char *key; /* "train_params.depth" */
    cm_param_type type;
    size_t offset; /* of its field in cm_config */
    const char *fallback;
    const char *limits;
    const char *aliases;
    cm_param_group group;
    const char *catboost;
    const char *help;
} cm_param;

/* CM_ID_depth and so on: indices into cm_params. */
enum {
#define CM_PARAM(field, ...) CM_ID_##field,
#include "config/params.def"
    CM_N_PARAMS
};

extern const cm_param cm_params[CM_N_PARAMS];

/* Heading of a group in help and documentation. */
const char *cm_group_title(cm_param_group group);

/* Where a value came from. */
typedef enum cm_origin_kind {
    CM_ORIGIN_DEFAULT,
    CM_ORIGIN_FILE,
    CM_ORIGIN_FLAG
} cm_origin_kind;

typedef struct cm_origin {
    cm_origin_kind kind;
    cm_where where;   /* of a file's value */
    const char *name; /* key or flag as the user wrote it */
} cm_origin;

typedef struct cm_config {
#define CM_PARAM(field, type, ...) cm_value_##type field;
#include "config/params.def"
    cm_origin origins[CM_N_PARAMS];
    cm_arena arena;
} cm_config;

/* All defaults.  Release in every case. */
CM_MUST_USE cm_status cm_config_init(cm_config *config, cm_error *err);
void cm_config_release(cm_config *config);

/* Takes the values of a YAML file over the defaults. */
CM_MUST_USE cm_status cm_config_load(cm_config *config, const char *path,
                                     cm_error *err);
/* The same of a text; file names it in errors. */
CM_MUST_USE cm_status cm_config_parse(cm_config *config, cm_str text,
                                      const char *file, cm_error *err);

/* The parameter of a flag's name, without the leading "--":
 * "train-params.depth", "train_params.depth", "depth" or an alias.  Of several
 * those in `groups` (bits 1 << CM_GROUP_…) are meant, a server's last.  NULL
 * after recording CM_ERR_USAGE for an unknown or ambiguous one; `extra`
 * (n_extra) are names of other flags that may have been meant. */
const cm_param *cm_config_find_flag(cm_str name, unsigned groups,
                                    const char *const *extra, size_t n_extra,
                                    cm_error *err);
/* Sets the parameter from the text after the flag. */
CM_MUST_USE cm_status cm_config_set_flag(cm_config *config,
                                         const cm_param *param, cm_str name,
                                         cm_str value, cm_error *err);

/* What single values cannot tell: combinations that make no sense. */
CM_MUST_USE cm_status cm_config_check(const cm_config *config, cm_error *err);
/* Says in one line each which settings of the user's have no effect. */
void cm_config_say_unused(const cm_config *config, const cm_log *log);

static inline bool cm_config_is_set(const cm_config *config, int id)
{
    return config->origins[id].kind != CM_ORIGIN_DEFAULT;
}

/* The effective configuration as YAML that loads again, each value with its
 * origin in a comment; as JSON {key: {value, origin}}; and as the nested JSON
 * object a bundle keeps, without what cannot change the result. */
void cm_config_format(const cm_config *config, cm_buf *out);
void cm_config_format_json(const cm_config *config, cm_buf *out);
void cm_config_format_result_json(const cm_config *config, cm_buf *out);

/* A value as a text for people and other programs: a word as it is, a list as
 * JSON.  Appends. */
void cm_config_format_value(const cm_config *config, const cm_param *param,
                            cm_buf *out);

/* docs/parameters.md. */
void cm_config_format_doc(cm_buf *out);

/* Appends the shortest unambiguous flag: "--depth". */
void cm_param_add_flag(const cm_param *param, cm_buf *out);

#endif
