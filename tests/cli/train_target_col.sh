# Another column as the target; one that is not there.
"$CLICKMILL" generate --rows 1000 --quiet | sed '1s/click/bought/' >log.csv ||
    exit
"$CLICKMILL" train --input log.csv --iterations 2 --target-col bought --quiet \
    >out.txt || exit
"$CLICKMILL" evaluate --input log.csv --quiet >out.txt || exit
"$CLICKMILL" train --input log.csv --iterations 2 --target-col sold --quiet
