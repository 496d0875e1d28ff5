# A file that is not whole is named with a place, and nothing is written.
"$CLICKMILL" model convert \
    "$ROOT/tests/fuzz/corpus/cbm/catboost-categories.cbm" whole.cbm || exit
head -c 5000 whole.cbm >cut.cbm
"$CLICKMILL" model convert cut.cbm out.json
code=$?
ls
exit $code
