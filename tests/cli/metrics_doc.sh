# docs/metrics.md is what the program says today.
"$CLICKMILL" metrics doc | diff "$ROOT/docs/metrics.md" -
