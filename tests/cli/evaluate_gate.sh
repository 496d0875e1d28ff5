# Both gates are named, and the metrics are printed all the same.
"$CLICKMILL" generate --rows 2000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 3 --quiet >out.txt || exit
"$CLICKMILL" evaluate --input log.csv --max-log-loss 0.01 --min-auc 0.999 \
    --json --quiet >out.json 2>err.txt
code=$?
grep -c '"log_loss"' out.json
sed 's/0\.[0-9]* is/X is/g' err.txt
exit $code
