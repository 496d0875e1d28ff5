"$CLICKMILL" generate --rows
