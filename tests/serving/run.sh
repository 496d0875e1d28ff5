#!/bin/bash
# Tests of `clickmill serve` over real sockets: every tests/serving/NAME_test.py
# and NAME_test.sh, or those named on the command line.
#   tests/serving/run.sh [NAME_test.py ...]
# A test fails by its exit code; 77 skips, the last line of output being the
# reason.  It sees $CLICKMILL (the program), $ROOT, $BUILD and $DATA; server.py
# is on its Python path.  Python is build/venv's, with the pinned packages of
# tests/requirements.txt, or the system's where there is no network: a test that
# imports such a package then skips.
set -u
here=$(realpath "$(dirname "$0")")
ROOT=${ROOT:-$(realpath "$here/../..")}
BUILD=${BUILD:-$ROOT/build}
CLICKMILL=${CLICKMILL:-$BUILD/clickmill}
DATA=$(realpath -m "${DATA:-${CLICKMILL_TEST_DATA:-$ROOT/../shared/data}}")
export ROOT BUILD CLICKMILL DATA LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$here
unset CLICKMILL_LOG
. "$ROOT/tools/report.sh"
cd "$ROOT" || exit 1

python=$BUILD/venv/bin/python
tools/make-venv.sh "$BUILD/venv" tests/requirements.txt >/dev/null 2>&1 ||
    python=python3

status=0
[ $# -gt 0 ] || set -- "$here"/*_test.py "$here"/*_test.sh
for test in "$@"; do
    [ -e "$test" ] || test=$here/$test
    [ -e "$test" ] || continue
    name=$(basename "${test%_test.*}")
    case $test in
    *.py) run_case "serving $name" "$python" "$test" || status=1 ;;
    *.sh) run_case "serving $name" bash -u "$test" || status=1 ;;
    esac
done
exit $status
