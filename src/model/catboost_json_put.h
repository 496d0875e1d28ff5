/* The parts of CatBoost's JSON model that say what is compared.  Private to
 * model. */
#ifndef CM_MODEL_CATBOOST_JSON_PUT_H
#define CM_MODEL_CATBOOST_JSON_PUT_H

#include "codec/json.h"
#include "model/model.h"

/* ctr_data, when the model has tables. */
void catboost_json_put_tables(cm_json_writer *w, const cm_model *model);
/* features_info. */
void catboost_json_put_features(cm_json_writer *w, const cm_model *model);

#endif
