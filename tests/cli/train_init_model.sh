# A daily refresh: new trees behind the old ones, in the same bundle.
"$CLICKMILL" generate --rows 20000 --seed 1 --output day1.csv --quiet || exit
"$CLICKMILL" generate --rows 20000 --seed 2 --output day2.csv --quiet || exit
set -- --depth 4 --learning-rate 0.1 --quiet
"$CLICKMILL" train --input day1.csv --iterations 20 "$@" >out.txt || exit
"$CLICKMILL" train --input day2.csv --iterations 10 "$@" --init-model models |
    grep trees || exit
"$CLICKMILL" train --input day2.csv --iterations 10 "$@" \
    --init-model models/catclf.json | grep trees
"$CLICKMILL" train --input day2.csv --iterations 10 "$@" --init-model models \
    --ctr-features C1,site_id
