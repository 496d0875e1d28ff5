# A model as C, compiled and asked; a name that C cannot have.
cat >model.json <<'END'
{"model_info":{"params":{"loss_function":{"type":"Logloss","params":{}}},
  "class_params":{"class_label_type":"Integer","class_names":[0,1],
    "class_to_label":[0,1],"classes_count":0}},
 "features_info":{"float_features":[
  {"feature_index":0,"flat_feature_index":0,"feature_id":"site",
   "has_nans":false,"nan_value_treatment":"AsIs","borders":[0.4]},
  {"feature_index":1,"flat_feature_index":1,"feature_id":"app",
   "has_nans":true,"nan_value_treatment":"AsTrue","borders":[5]}]},
 "oblivious_trees":[{"splits":[
   {"split_index":0,"split_type":"FloatFeature"},
   {"split_index":1,"split_type":"FloatFeature"}],
  "leaf_values":[0.1,0.2,0.3,0.4],"leaf_weights":[4,2,1,3]}],
 "scale_and_bias":[1,[1]]}
END
"$CLICKMILL" model convert model.json scorer.c || exit
cat scorer.h scorer.c | sed 's/([0-9a-f-]*)\./(GUID)./'
cat >main.c <<'END'
#include "scorer.h"
#include <math.h>
#include <stdio.h>
int main(void)
{
    float rows[4][2] = {{.3f, 1}, {.5f, 1}, {.3f, 6}, {.5f, NAN}};
    for (int i = 0; i < 4; i++) {
        printf("%.17g %.6f\n", scorer_raw(rows[i]),
               scorer_probability(rows[i]));
    }
    return 0;
}
END
cc -std=c99 -Wall -Wextra -Werror -o main main.c scorer.c -lm && ./main || exit
"$CLICKMILL" model convert model.json 1st.c
