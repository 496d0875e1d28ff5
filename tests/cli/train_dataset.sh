# A dataset file in place of the log gives the same model.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 3 --quiet \
    --input-preprocessed-data-path log.cmds >out.txt || exit
cp models/catclf.json first.json
"$CLICKMILL" train --input log.cmds --iterations 3 --quiet >out.txt || exit
cmp models/catclf.json first.json
