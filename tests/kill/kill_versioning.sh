#!/bin/bash
# kill_versioning.sh N: kills add, push and pull with SIGKILL N times, over a
# folder, over a real S3 server and through a proxy that spoils every fifth
# request: see kill_versioning_test.py.
here=$(realpath "$(dirname "$0")")
BUILD=${BUILD:-$here/../../build}
export BUILD
rm -f "$BUILD/kill_versioning.txt"
KILLS=${1:-10} "$here/../versioning/run.sh" "$here/kill_versioning_test.py"
status=$?
cat "$BUILD/kill_versioning.txt"
exit $status
