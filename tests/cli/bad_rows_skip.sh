"$CLICKMILL" generate --rows 100 --output log.csv --quiet || exit
sed '11s/,/,x/; 21s/$/,1/' log.csv >bad.csv
"$CLICKMILL" make-dataset --input bad.csv --output bad.cmds --json --quiet \
    --on-bad-row skip | grep '"rows"\|"bad_rows"'
