# What matters to a model of one tree, to be followed with a pencil.
model=$ROOT/tests/cli/models/pencil.json
"$CLICKMILL" model importance "$model" || exit
"$CLICKMILL" model importance "$model" --json || exit
"$CLICKMILL" model importance "$model" --type Interaction || exit
cat >rows.csv <<'END'
app,site
6,.5
1,.3
END
printf '1\n0\n' >labels.csv
"$CLICKMILL" model importance "$model" --type ShapValues --input rows.csv ||
    exit
"$CLICKMILL" model importance "$model" --type ShapValues --input rows.csv \
    --output - || exit
"$CLICKMILL" model importance "$model" --type LossFunctionChange \
    --input rows.csv --labels labels.csv || exit
"$CLICKMILL" model importance "$model" --type LossFunctionChange \
    --input rows.csv
"$CLICKMILL" model importance "$model" --type Gain
