#!/bin/bash
# Tests of tracking with its real neighbour: every tests/tracking/NAME_test.py,
# or those named on the command line.
#   tests/tracking/run.sh [NAME_test.py ...]
# A test fails by its exit code; 77 skips, the last line of output being the
# reason.  It sees $CLICKMILL, $ROOT and $BUILD (probes are in
# $BUILD/tests/parity); the modules of tests/common and of tests/versioning
# (seaweed, faulty_proxy) are on its Python path.  Python is build/venv-mlflow's,
# with the pinned packages of tests/tracking/requirements.txt: mlflow, catboost.
set -u
here=$(realpath "$(dirname "$0")")
ROOT=${ROOT:-$(realpath "$here/../..")}
BUILD=${BUILD:-$ROOT/build}
CLICKMILL=${CLICKMILL:-$BUILD/clickmill}
export ROOT BUILD CLICKMILL LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$here:$ROOT/tests/common:$ROOT/tests/versioning
export MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true GIT_PYTHON_REFRESH=quiet
unset CLICKMILL_LOG
for name in $(compgen -e AWS_) $(compgen -e MLFLOW_TRACKING_); do
    unset "$name"
done
. "$ROOT/tools/report.sh"
cd "$ROOT" || exit 1
[ $# -gt 0 ] || set -- "$here"/*_test.py

if ! reason=$(tools/make-venv.sh "$BUILD/venv-mlflow" \
    tests/tracking/requirements.txt 2>&1); then
    for test in "$@"; do
        say_skip "tracking $(basename "${test%_test.*}")" \
            "no Python packages: $(printf '%s\n' "$reason" | tail -n 1)"
    done
    exit 0
fi
PATH=$BUILD/venv-mlflow/bin:$PATH:$BUILD/venv-dvc/bin # weed is in the latter
export PATH

status=0
for test in "$@"; do
    [ -e "$test" ] || test=$here/$test
    [ -e "$test" ] || continue
    name=$(basename "${test%_test.*}")
    run_case "tracking $name" "$BUILD/venv-mlflow/bin/python" "$test" ||
        status=1
done
exit $status
