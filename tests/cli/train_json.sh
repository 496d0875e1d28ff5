"$CLICKMILL" generate --rows 2000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 3 --json --quiet |
    sed 's/: [0-9.e-]*\(,*\)$/: N\1/; s/"version": .*/"version"/' |
    grep -v '"low"\|"high"\|"count"\|"click_rate"\|"mean_pred\|[{}]'
