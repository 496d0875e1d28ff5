/* Looking up parameters by key and flag, and their values as text.  Private
 * to config. */
#ifndef CM_CONFIG_PARAM_H
#define CM_CONFIG_PARAM_H

#include "codec/json.h"
#include "config/config.h"

/* Part of the key after the last dot, and before it (empty when none). */
cm_str cm_param_name(const cm_param *param);
cm_str cm_param_section(const cm_param *param);
/* Item i of the aliases; empty after the last. */
cm_str cm_param_alias(const cm_param *param, size_t i);

/* The parameter that is called `name` (or has it as an alias) in a section of
 * the YAML file; NULL when there is none. */
const cm_param *cm_param_find(cm_str section, cm_str name);
bool cm_param_is_section(cm_str name);
/* A parameter of CatBoost's that this program does not take. */
bool cm_param_is_unsupported(cm_str section, cm_str name);

/* Known key (or section) nearest to what was written, empty when none is near:
 * in the same section first, then a key of that very name elsewhere. */
cm_str cm_param_nearest(cm_str section, cm_str name);

/* Parse a text, or a list of texts, into the parameter's field.  The error
 * says what was found and expected, not where. */
CM_MUST_USE cm_status cm_value_parse(cm_config *config, const cm_param *param,
                                     cm_str text, cm_error *err);
CM_MUST_USE cm_status cm_value_set_list(cm_config *config,
                                        const cm_param *param,
                                        const cm_str *items, size_t n,
                                        cm_error *err);

/* Puts the value under key.  What is written on one line is YAML as well. */
void cm_value_put_json(const cm_config *config, const cm_param *param,
                       cm_json_writer *w, const char *key);

#endif
