"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" features --config "$ROOT/configs/train_config.yaml" \
    --input log.csv --output out || exit
head -n 1 out/train.csv
wc -l <out/validation.csv
head -n 1 out/train.csv | cmp - - <out/validation.csv 2>/dev/null
awk -F, 'NR > 1 && ($3 != int($3) || NF != 31) { print "line " NR ": " $0 }' \
    out/train.csv
