/* What MLflow 3.17.2 takes as a key, and how long a value may be.  Checked
 * where a run is written, so that a server takes what the store took.  Private
 * to tracking.  Source of the rules: mlflow/utils/validation.py. */
#ifndef CM_TRACKING_RUN_LIMITS_H
#define CM_TRACKING_RUN_LIMITS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

enum { /* characters, not bytes */
       RUN_MAX_KEY = 250,
       RUN_MAX_PARAM = 6000,
       RUN_MAX_TAG = 8000,
       RUN_MAX_NAME = 250,
       RUN_MAX_EXPERIMENT = 500,
       RUN_MAX_DATASET_NAME = 500,
       RUN_MAX_DIGEST = 36,
       RUN_MAX_CONTEXT = 500,
       RUN_MAX_SOURCE = 65535
};

/* Letters and digits of ASCII, _ - . : / and blanks, at most 250 of them, and
 * as a path its own shortest form below where it stands: no "a//b", "./a",
 * "../a", "/a".  MLflow takes letters of other alphabets, too. */
bool run_is_key(cm_str key);
/* CM_ERR_USAGE for what is none; what: "metric". */
CM_MUST_USE cm_status run_check_key(const char *what, const char *key,
                                    cm_error *err);

/* A path below a folder: a key of any length and any other bytes. */
bool run_is_inside(cm_str path);

/* Bytes of the first n characters of text, or of all of it. */
size_t run_cut(const char *text, size_t n);
/* CM_ERR_USAGE for a text that is empty or has more than n characters. */
CM_MUST_USE cm_status run_check_text(const char *what, const char *text,
                                     size_t n, cm_error *err);

#endif
