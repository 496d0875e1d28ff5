# The best trees are kept; metrics.json has the learning curve.
"$CLICKMILL" generate --rows 20000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 200 --depth 4 \
    --bootstrap-type No --random-strength 0 \
    --learning-rate 0.5 --early-stopping-rounds 5 2>err.txt |
    sed -n '/trees/p' || exit
grep 'stopped\|trees are kept' err.txt | sed 's/0\.[0-9]*/X/'
"$CLICKMILL" train --input log.csv --iterations 25 --depth 4 --quiet \
    --bootstrap-type No --random-strength 0 \
    --learning-rate 0.5 --eval-metric AUC --metric-period 10 \
    --use-best-model false >out.txt || exit
sed -n '/"best_iteration"/,$s/0\.[0-9]*/X/; /"best_iteration"/,$p' \
    models/metrics.json
