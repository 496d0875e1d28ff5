"$CLICKMILL" generate --rows 2000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --quiet --split time \
    --json | grep '"train_rows"\|"validation_rows"'
