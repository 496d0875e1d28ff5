# Stratified sampling reads the rows in another order; with as few rows as
# these its sample is all of them, so predictions are those of bootstrap No,
# but for the last digits: scores that are gone on from follow their rows.
"$CLICKMILL" generate --rows 20000 --output log.csv --quiet || exit
train() {
    "$CLICKMILL" train --input log.csv --iterations 5 --learning-rate 0.1 \
        --random-strength 0 --auto-class-weights Balanced --quiet \
        --output-model-path "$1/m.json" --bootstrap-type "$1" \
        --init-model "$2" >out.txt
}
"$CLICKMILL" train --input log.csv --iterations 5 --quiet >out.txt || exit
train No models && train Stratified models || exit
"$CLICKMILL" predict --input log.csv --model No >no.csv
"$CLICKMILL" predict --input log.csv --model Stratified >stratified.csv
round() {
    sed 's/\(\.[0-9]\{5\}\)[0-9]*/\1/' "$1"
}
round no.csv >a
round stratified.csv >b
diff a b | grep -c '^<' | awk '{ print ($1 < 20 ? "the same" : $1 " differ") }'
