"$CLICKMILL" generate --depth 6
