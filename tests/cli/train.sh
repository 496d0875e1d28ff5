# The reference configuration on a small log: what it says, and all it leaves.
"$CLICKMILL" generate --rows 2000 --output log.csv --quiet || exit
"$CLICKMILL" train --config "$ROOT/configs/train_config.yaml" --input log.csv \
    --n-estimators 5 --quiet >out.txt || exit
sed 's/version .*/version V/; s/ *[0-9][0-9]*\.[0-9]*/ X/g
    s/[0-9]* clicks/N clicks/' out.txt
ls data/raw models
sed 's/: .*//' models/metrics.json | sort -u
