# The bundle before comes back, and forth.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --quiet >out.txt || exit
cp models/catclf.json first.json
"$CLICKMILL" train --input log.csv --iterations 3 --quiet >out.txt || exit
cp models/catclf.json second.json
cmp -s first.json second.json && exit 1
"$CLICKMILL" model rollback models >out.txt || exit
cmp models/catclf.json first.json || exit
"$CLICKMILL" model rollback models >out.txt || exit
cmp models/catclf.json second.json
