"$CLICKMILL" model shwo models
