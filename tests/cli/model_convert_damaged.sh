# A file that is not whole is named with a place, and nothing is written.
head -c 5000 "$ROOT/tests/fuzz/corpus/cbm/catboost-categories.cbm" >cut.cbm
"$CLICKMILL" model convert cut.cbm out.json
code=$?
ls
exit $code
