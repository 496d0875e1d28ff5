"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --quiet >out.txt || exit
"$CLICKMILL" model rollback models 2>err.txt
code=$?
sed 's/[0-9a-f]\{16\}/V/' err.txt
exit $code
