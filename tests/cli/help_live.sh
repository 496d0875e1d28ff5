# Help tells the values in effect: of the file, and of flags over it.
"$CLICKMILL" train --config "$ROOT/configs/train_config.yaml" --depth 9 --help |
    grep -e "--depth N" -e --n-estimators
