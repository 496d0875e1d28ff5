#!/bin/bash
# Tests of deploy/: its files as the programs that read them understand them,
# and those programs before a running server.
#   tests/deploy/run.sh [NAME_test.py ...]
# Takes $CLICKMILL, $ROOT and $BUILD; server.py is tests/serving's.  What a
# container engine would do is dockerfile_rootfs.sh, in `make nightly`.
set -u
here=$(realpath "$(dirname "$0")")
ROOT=${ROOT:-$(realpath "$here/../..")}
BUILD=${BUILD:-$ROOT/build}
CLICKMILL=${CLICKMILL:-$BUILD/clickmill}
export ROOT BUILD CLICKMILL LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$here:$ROOT/tests/serving
unset CLICKMILL_LOG
. "$ROOT/tools/report.sh"
cd "$ROOT/deploy" || exit 1

status=0
if [ $# -gt 0 ]; then
    for test in "$@"; do
        run_case "deploy ${test%_test.py}" python3 "$here/${test##*/}" ||
            status=1
    done
    exit $status
fi

if command -v promtool >/dev/null; then
    run_case "deploy prometheus.yml" promtool check config --lint=all \
        --lint-fatal prometheus/prometheus.yml || status=1
    run_case "deploy rules, silent and firing" promtool test rules \
        prometheus/rules_test.yml || status=1
else
    say_skip "deploy prometheus.yml and rules" "no promtool"
fi
run_case "deploy Dockerfile" python3 "$here/dockerfile.py" check Dockerfile \
    "$ROOT" || status=1
for test in "$here"/*_test.py; do
    name=$(basename "$test" _test.py)
    run_case "deploy $name" python3 "$test" || status=1
done
exit $status
