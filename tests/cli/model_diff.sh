# Equal models, another leaf, another border; exit codes 0 and 1.
model() {
    cat <<END
{"model_info":{"params":{"loss_function":{"type":"Logloss","params":{}},
   "boosting_options":{"iterations":$1}},
  "class_params":{"class_label_type":"Integer","class_names":[0,1],
    "class_to_label":[0,1],"classes_count":0}},
 "features_info":{"float_features":[
  {"feature_index":0,"flat_feature_index":0,"feature_id":"site",
   "has_nans":false,"nan_value_treatment":"AsIs","borders":[0.4]},
  {"feature_index":1,"flat_feature_index":1,"feature_id":"app",
   "has_nans":false,"nan_value_treatment":"AsIs","borders":[$2]}]},
 "oblivious_trees":[{"splits":[
   {"split_index":0,"split_type":"FloatFeature"},
   {"split_index":1,"split_type":"FloatFeature"}],
  "leaf_values":[0.1,0.2,0.3,$3],"leaf_weights":[4,2,1,3]}],
 "scale_and_bias":[1,[1]]}
END
}
model 1 5 0.4 >a.json
model 1 5 0.5 >leaf.json
model 2 6 0.4 >border.json
printf 'site,app\n.5,6\n.3,6\n.5,5.5\n.3,1\n' >rows.csv
for other in a leaf border; do
    "$CLICKMILL" model diff a.json $other.json --input rows.csv
    echo "exit code $?"
done
"$CLICKMILL" model diff a.json border.json --json --input rows.csv
echo "exit code $?"
