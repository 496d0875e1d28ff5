# The first bad row ends the job, with its place; nothing is left.
"$CLICKMILL" generate --rows 100 --output log.csv --quiet || exit
sed '11s/,/,x/' log.csv >bad.csv
"$CLICKMILL" make-dataset --input bad.csv --output bad.cmds --quiet
code=$?
ls -A
exit $code
