# A model path that ends in .cbm makes the bundle's model a .cbm; the same model
# as JSON, and the same predictions.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
for ending in json cbm; do
    "$CLICKMILL" train --input log.csv --iterations 3 --quiet \
        --output-model-path $ending/model.$ending >out.txt || exit
    "$CLICKMILL" predict --input log.csv --model $ending/model.$ending \
        --quiet >$ending.csv || exit
done
ls cbm
head -c 4 cbm/model.cbm && echo
"$CLICKMILL" model convert cbm/model.cbm model.json || exit
cmp model.json json/model.json && cmp json.csv cbm.csv
