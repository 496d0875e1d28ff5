"$CLICKMILL" generate --rows 10 --output log.csv --quiet || exit
"$CLICKMILL" evaluate --input log.csv
