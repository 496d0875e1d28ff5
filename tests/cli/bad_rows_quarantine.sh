# Bad rows and reasons are written beside the output, for both readers.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
sed '11s/,/,x/; 21s/$/,1/' log.csv >bad.csv
"$CLICKMILL" make-dataset --input bad.csv --output bad.cmds --json --quiet \
    --on-bad-row quarantine | grep '"rows"\|"bad_rows"'
cut -d, -f1-3 bad.cmds.bad.csv
"$CLICKMILL" train --input log.csv --iterations 2 --quiet >out.txt || exit
"$CLICKMILL" predict --input bad.csv --output p.csv --on-bad-row quarantine \
    --quiet || exit
wc -l <p.csv
cut -d, -f1-3 p.csv.bad.csv
"$CLICKMILL" make-dataset --input bad.csv --output bad.cmds --quiet \
    --on-bad-row quarantine | tail -n 1
