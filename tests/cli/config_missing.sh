"$CLICKMILL" train --config nowhere.yaml
