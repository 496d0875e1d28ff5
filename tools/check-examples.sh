#!/bin/sh
# Proves that the examples build without warnings and do what they say: the
# probabilities are those of real CatBoost (examples/clicks.expected was written
# by it), and threads make no difference; and that the program of bench/ builds.
build=${BUILD:-build}
fail() {
    echo "$*"
    exit 1
}
# make_quietly TARGET...
make_quietly() {
    output=$(make -s BUILD="$build" "$@" 2>&1) && [ -z "$output" ] ||
        fail "$output"
}
rm -rf "$build/examples"
make_quietly "$build/bench_apply" "$build/examples/predict"
"$build/examples/predict" examples/clicks.cbm <examples/clicks.csv |
    diff -u examples/clicks.expected - || exit 1
"$build/examples/predict" examples/clicks.csv </dev/null 2>"$build/message" &&
    fail "a file that is no model was loaded"
grep -q 'clicks\.csv' "$build/message" || fail "the message names no file"

command -v g++ >/dev/null || exit 0
make_quietly examples
said=$("$build/examples/score_threads" examples/clicks.cbm 4 10001) ||
    fail "score_threads: $said"
[ "$said" = "10001 rows, 4 threads: the same bits" ] || fail "said: $said"
