# docs/parameters.md is what the program says today.
"$CLICKMILL" config doc | diff "$ROOT/docs/parameters.md" -
