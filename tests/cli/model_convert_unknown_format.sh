"$CLICKMILL" model convert model.json model.bin --to pkl
