# A model that CatBoost trained on numbers and categories.
"$CLICKMILL" model show "$ROOT/tests/fuzz/corpus/cbm/catboost-categories.cbm"
