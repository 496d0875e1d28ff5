"$CLICKMILL" generate --rows 100 --quiet | cut -d, -f1,3- >log.csv || exit
"$CLICKMILL" train --input log.csv --iterations 3 --quiet
