"$CLICKMILL" model convert model.json model.bin
