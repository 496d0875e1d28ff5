/* What CatBoost keeps beside the trees: classes, parameters, the model's name.
 * The JSON model has it as the object model_info, .cbm as pairs of texts.
 * Private to model. */
#ifndef CM_MODEL_CATBOOST_INFO_H
#define CM_MODEL_CATBOOST_INFO_H

#include "codec/json.h"
#include "model/model_body.h"

enum { CATBOOST_INFO_KEYS = 5 };

/* Keys in order, values as text; views of the model and of class_params. */
typedef struct catboost_info {
    size_t n;
    const char *keys[CATBOOST_INFO_KEYS];
    cm_str values[CATBOOST_INFO_KEYS];
    cm_buf class_params;
} catboost_info;

/* A failed allocation shows in info->class_params. */
void catboost_info_init(catboost_info *info, const cm_model *model);
void catboost_info_release(catboost_info *info);

/* The same, read: each may be missing. */
typedef struct catboost_facts {
    const json_t *params;
    cm_str params_text; /* of params, n 0 when missing */
    const json_t *class_params;
    const char *guid;
} catboost_facts;

/* Sets classes, params and guid of a source, its texts in the arena. */
CM_MUST_USE cm_status catboost_info_read(model_source *source,
                                         const catboost_facts *facts,
                                         cm_arena *arena, const char *file,
                                         cm_error *err);

#define CATBOOST_TAKEN                                             \
    "classifiers of two classes, and regressions, with symmetric " \
    "trees on numbers and categories"

/* Fails with what the file's model has and this version does not take. */
cm_status catboost_unsupported(const char *file, const char *what,
                               cm_error *err);

#endif
