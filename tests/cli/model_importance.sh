# What matters to a model of one tree, to be followed with a pencil.
cat >model.json <<'END'
{"model_info":{"params":{"loss_function":{"type":"Logloss","params":{}}},
  "class_params":{"class_label_type":"Integer","class_names":[0,1],
    "class_to_label":[0,1],"classes_count":0}},
 "features_info":{"float_features":[
  {"feature_index":0,"flat_feature_index":0,"feature_id":"site",
   "has_nans":false,"nan_value_treatment":"AsIs","borders":[0.4]},
  {"feature_index":1,"flat_feature_index":1,"feature_id":"app",
   "has_nans":false,"nan_value_treatment":"AsIs","borders":[5]}]},
 "oblivious_trees":[{"splits":[
   {"split_index":0,"split_type":"FloatFeature"},
   {"split_index":1,"split_type":"FloatFeature"}],
  "leaf_values":[0.1,0.2,0.3,0.4],"leaf_weights":[4,2,1,3]}],
 "scale_and_bias":[1,[1]]}
END
"$CLICKMILL" model importance model.json || exit
"$CLICKMILL" model importance model.json --json || exit
"$CLICKMILL" model importance model.json --type Interaction || exit
cat >rows.csv <<'END'
app,site
6,.5
1,.3
END
printf '1\n0\n' >labels.csv
"$CLICKMILL" model importance model.json --type ShapValues --input rows.csv ||
    exit
"$CLICKMILL" model importance model.json --type ShapValues --input rows.csv \
    --output - || exit
"$CLICKMILL" model importance model.json --type LossFunctionChange \
    --input rows.csv --labels labels.csv || exit
"$CLICKMILL" model importance model.json --type LossFunctionChange \
    --input rows.csv
"$CLICKMILL" model importance model.json --type Gain
