#!/bin/sh
# Runs unit test programs (cmocka) one after the other.  Exit 1 when any
# failed.  Their cases are counted one by one; a crash is one failure.
. tools/report.sh
status=0
label=${UNIT_LABEL:+ ($UNIT_LABEL)}
# What libraries keep, and lock, out of the sanitizers' sight.
export LSAN_OPTIONS="${LSAN_OPTIONS:-suppressions=tools/lsan.supp:print_suppressions=0}"
export TSAN_OPTIONS="${TSAN_OPTIONS:-suppressions=tools/tsan.supp}"
output=$(mktemp)
trap 'rm -f "$output"' EXIT

for program in "$@"; do
    name=${program##*/}$label
    start=$(now_ms)
    "$program" >"$output" 2>&1 </dev/null
    code=$?
    passed=$(grep -c '^\[       OK \] ' "$output")
    # cmocka lists skipped cases a second time in its summary.
    skipped=$(sed -n 's/^\[  SKIPPED \] //p' "$output" | grep -v 'test(s)' |
        sort -u)
    if [ "$code" -ne 0 ]; then
        failed=$(sed -n 's/^\[  FAILED  \] //p' "$output" |
            grep -v 'test(s)' | sort -u | grep -c .)
        [ "$failed" -gt 0 ] || failed=1
        echo "FAIL - $name: $failed cases, exit $code"
        sed 's/^/    /' "$output" | grep -v '\[ RUN  \|\[       OK'
        status=1
    fi
    if [ "$passed" -gt 0 ]; then
        echo "ok - $name: $passed cases ($(seconds_since "$start"))"
    elif [ "$code" -eq 0 ] && [ -z "$skipped" ]; then
        echo "FAIL - $name: no case ran"
        status=1
    fi
    reason=$(sed -n 's/^SKIP:* *//p' "$output" | head -n 1)
    for case in $skipped; do
        say_skip "$name $case" "${reason:-no reason given}"
    done
done
exit $status
