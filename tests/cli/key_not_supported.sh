printf 'train_params:\n  grow_policy: Lossguide\n' >c.yaml
"$CLICKMILL" train --config c.yaml
