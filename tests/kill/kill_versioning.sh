#!/bin/bash
# kill_versioning.sh N: kills add, push and pull with SIGKILL N times, over a
# folder, over a real S3 server and through a proxy that spoils every fifth
# request: see kill_versioning_test.py.
KILLS=${1:-10} exec "$(dirname "$0")/../versioning/run.sh" \
    "$(realpath "$(dirname "$0")")/kill_versioning_test.py"
