"$CLICKMILL" train
