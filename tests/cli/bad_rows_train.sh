# The folder that quarantined rows go to is made when it is not there.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
sed '11s/,/,x/; 21s/$/,1/' log.csv >bad.csv
"$CLICKMILL" train --config "$ROOT/configs/train_config.yaml" --input bad.csv \
    --n-estimators 2 --quiet --json --on-bad-row quarantine | grep bad_rows
cut -d, -f1-2 data/raw/*.bad.csv
