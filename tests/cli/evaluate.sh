"$CLICKMILL" generate --rows 2000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 3 --quiet >out.txt || exit
"$CLICKMILL" evaluate --input log.csv --max-log-loss 0.9 --min-auc 0.1 \
    --quiet >out.txt || exit
sed 's/ *[0-9][0-9]*\.[0-9]*/ X/g; s/[0-9]* clicks/N clicks/' out.txt
"$CLICKMILL" evaluate --input log.csv --model models --json --quiet |
    sed 's/: [0-9.e-]*\(,*\)$/: N\1/; s/"version": .*/"version"/' |
    grep -v '"low"\|"high"\|"count"\|"click_rate"\|"mean_pred\|[{}]'
