/* What is wrong with a YAML text, in words that help.  Private to codec. */
#ifndef CM_CODEC_YAML_ERROR_H
#define CM_CODEC_YAML_ERROR_H

#include <yaml.h>

#include "base/error.h"
#include "base/str.h"

/* Refuses what is not UTF-8 and control characters YAML does not allow. */
CM_MUST_USE cm_status cm_yaml_check_text(cm_str text, const char *file,
                                         cm_error *err);

/* Records why the parser of text stopped; returns the status. */
cm_status cm_yaml_explain(const yaml_parser_t *parser, cm_str text,
                          const char *file, cm_error *err);

#endif
