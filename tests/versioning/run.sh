#!/bin/bash
# Tests of versioning with its real neighbours: every tests/versioning/
# NAME_test.py and NAME_test.sh, or those named on the command line.
#   tests/versioning/run.sh [NAME_test.py ...]
# A test fails by its exit code; 77 skips, the last line of output being the
# reason.  It sees $CLICKMILL, $ROOT and $BUILD (probes are in
# $BUILD/tests/parity); the other files of this folder are on its Python path:
# a real S3 server, one with prepared answers, a proxy that spoils requests.
# Python is build/venv-dvc's, with the pinned packages of
# tests/versioning/requirements.txt: dvc, boto3 and an S3 server.
set -u
here=$(realpath "$(dirname "$0")")
ROOT=${ROOT:-$(realpath "$here/../..")}
BUILD=${BUILD:-$ROOT/build}
CLICKMILL=${CLICKMILL:-$BUILD/clickmill}
export ROOT BUILD CLICKMILL LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$here DVC_NO_ANALYTICS=1
unset CLICKMILL_LOG
for name in $(compgen -e AWS_); do
    unset "$name"
done
. "$ROOT/tools/report.sh"
cd "$ROOT" || exit 1
[ $# -gt 0 ] || set -- "$here"/*_test.py "$here"/*_test.sh

if ! reason=$(tools/make-venv.sh "$BUILD/venv-dvc" \
    tests/versioning/requirements.txt 2>&1); then
    for test in "$@"; do
        say_skip "versioning $(basename "${test%_test.*}")" \
            "no Python packages: $(printf '%s\n' "$reason" | tail -n 1)"
    done
    exit 0
fi
PATH=$BUILD/venv-dvc/bin:$PATH
# dvc keeps databases of its own, by default where all users have them.
DVC_SITE_CACHE_DIR=$(mktemp -d)
trap 'rm -rf "$DVC_SITE_CACHE_DIR"' EXIT
export PATH DVC_SITE_CACHE_DIR

status=0
for test in "$@"; do
    [ -e "$test" ] || test=$here/$test
    [ -e "$test" ] || continue
    name=$(basename "${test%_test.*}")
    case $test in
    *.py)
        run_case "versioning $name" "$BUILD/venv-dvc/bin/python" "$test" ||
            status=1
        ;;
    *.sh) run_case "versioning $name" bash -u "$test" || status=1 ;;
    esac
done
exit $status
