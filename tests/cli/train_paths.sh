# Files named outside of the bundle's folder are links into it.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --quiet \
    --output-model-path a/b/model.json --metric-path reports/metrics.json \
    --output-transformer-path a/b/transformer.cmt \
    --output-ctr-transformer-path ctr.cmt >out.txt || exit
readlink reports/metrics.json ctr.cmt
cmp reports/metrics.json a/b/metrics.json && cmp ctr.cmt a/b/ctr.cmt
grep -c log_loss reports/metrics.json
