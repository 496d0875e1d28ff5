#!/bin/sh
# The long repetitions: every fuzz driver for a minute under ASan and UBSan,
# 10 M bodies for the scanner of requests, 200 kills of train, 100 of add, push
# and pull, 200 reloads, 20 ends of the server under load, fit's quality with
# full-sized models, the image built and run in a bare Debian.
# SECONDS_EACH, BODIES, KILLS and VERSIONING_KILLS change that.
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
. tools/report.sh
seconds=${SECONDS_EACH:-60}
kills=${KILLS:-200}
status=0
tools/install-packages.sh test || exit 1
make -s all || exit 1
make -s BUILD=build/asan SAN=address,undefined fuzz || exit 1

fuzz() {
    "$1" --seconds "$seconds" "tests/fuzz/corpus/${1##*/fuzz_}"
}
for program in $(make -s BUILD=build/asan list-fuzzers); do
    run_case "${program##*/}, $seconds s" fuzz "$program" || status=1
done
# Without sanitizers, which make it ten times as long.
scanner() {
    make -s build/tests/fuzz/fuzz_rows || return 1
    build/tests/fuzz/fuzz_rows --runs "${BODIES:-10000000}" \
        tests/fuzz/corpus/rows
}
run_case "the scanner of requests against yajl" scanner || status=1
tests/kill/kill_train.sh "$kills" || status=1
tests/kill/kill_versioning.sh "${VERSIONING_KILLS:-100}" || status=1

reloads() {
    PYTHONPATH=tests/serving python3 tests/serving/reload_test.py --reloads 200
}
run_case "200 switches of the model under load" reloads || status=1

ends() {
    make -s load && DRAIN_TEST_REPEATS=20 \
        tests/serving/run.sh drain_test.py
}
run_case "20 ends of the server under load" ends || status=1

deaths() {
    make -s probes && TRACKING_TEST_DEATHS=30 \
        tests/tracking/run.sh faults_test.py
}
run_case "30 deaths of the MLflow server" deaths || status=1

quality() {
    tools/make-venv.sh build/venv tests/requirements.txt || return 77
    CLICKMILL=build/clickmill build/venv/bin/python \
        tests/parity/tables_parity.py --full
}
run_case "fit's quality on small tables" quality || status=1
run_case "image of deploy/Dockerfile" tests/deploy/dockerfile_rootfs.sh ||
    status=1
exit $status
