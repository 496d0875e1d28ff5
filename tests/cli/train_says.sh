# What is said before the work: paths, settings without effect.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
printf 'mlflow_experiment: demo\n' |
    cat "$ROOT/configs/train_config.yaml" - >c.yaml
"$CLICKMILL" train --config c.yaml --input log.csv --n-estimators 2 2>&1 \
    >out.txt | head -n 5
