"$CLICKMILL" generate --rows 500 --output log.csv --quiet || exit
"$CLICKMILL" make-dataset --input log.csv --output made/log.cmds --quiet |
    sed 's/  *[0-9,]*$//; s/  *$//' || exit
gzip -k log.csv
"$CLICKMILL" make-dataset --input log.csv.gz --output b.csv --quiet \
    >/dev/null || exit
"$CLICKMILL" make-dataset --input - --output c.cmds --json <log.csv |
    grep '"rows"\|"bad_rows"'
cmp made/log.cmds b.cmds && cmp b.cmds c.cmds
