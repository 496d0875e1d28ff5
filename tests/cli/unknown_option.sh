"$CLICKMILL" evaluate --max-logloss 1
