# The reference configuration on the real sample: the quality that real
# CatBoost has there (12 seeds: log_loss .41833, sd .00066; AUC .70704, .0020).
[ -f "$DATA/avazu/avazu_sample.csv" ] || {
    echo "no avazu/avazu_sample.csv in $DATA"
    exit 77
}
"$CLICKMILL" train --config "$ROOT/configs/train_config.yaml" \
    --input-data-path "$DATA/avazu/avazu_sample.csv" --json --quiet >out.json ||
    exit
awk -F'[:,]' '
    /"log_loss"/ { print ($2 <= .4197) ? "log_loss is fine" : "log_loss " $2 }
    /"roc_auc_score"/ { print ($2 >= .7030) ? "AUC is fine" : "AUC " $2 }
    ' out.json
