"$CLICKMILL" generate --rows 20000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 20 --depth 4 --cv 3 --quiet \
    --bootstrap-type No --random-strength 0 |
    sed 's/0\.[0-9]*/X/g' || exit
"$CLICKMILL" train --input log.csv --iterations 20 --depth 4 --cv 3 --quiet \
    --bootstrap-type No --random-strength 0 \
    --json --threads 3 | sed 's/0\.[0-9]*/X/; s/"seconds": .*/"seconds"/' |
    tail -n 24
ls
