#!/bin/sh
# Runs each fuzz driver over its corpus: tests/fuzz/corpus/NAME for fuzz_NAME.
. tools/report.sh
status=0
for program in "$@"; do
    name=${program##*/fuzz_}
    if [ -n "$(ls tests/fuzz/corpus/"$name" 2>/dev/null)" ]; then
        run_case "fuzz $name, corpus" "$program" tests/fuzz/corpus/"$name"/* ||
            status=1
    else
        echo "FAIL - fuzz $name: tests/fuzz/corpus/$name is empty"
        status=1
    fi
done
exit $status
