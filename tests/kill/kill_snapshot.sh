#!/bin/bash
# kill_snapshot.sh N: kills a training that keeps snapshots with SIGKILL, N
# times, each time going on from the file that is left, on other numbers of
# threads, until it ends.  The model and its learning curve are then, to the
# byte, those of a training that nobody disturbed, and the snapshot is gone.
# A snapshot of other options and of other rows is refused.
set -u
kills=${1:-6}
here=$(realpath "$(dirname "$0")")
ROOT=${ROOT:-$(realpath "$here/../..")}
CLICKMILL=${CLICKMILL:-$ROOT/build/clickmill}
. "$ROOT/tools/report.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*"
    return 1
}

# train FOLDER [FLAGS...]
train() {
    cd "$1" && shift && exec "$CLICKMILL" train --quiet \
        --input "$work/log.csv" --iterations 300 --depth 5 --eval-metric AUC \
        --learning-rate 0.1 "$@" >"$work/train.out" 2>&1
}

# kill_once THREADS: kills a training as soon as its snapshot grows.
kill_once() {
    local before after child
    before=$(stat -c %s "$work/killed/s" 2>/dev/null || echo 0)
    (train "$work/killed" --snapshot s --snapshot-interval 0 \
        --thread-count "$1") &
    child=$!
    while kill -0 $child 2>/dev/null; do
        after=$(stat -c %s "$work/killed/s" 2>/dev/null || echo 0)
        if ((after > before)); then break; fi
        sleep 0.01
    done
    kill -KILL $child 2>/dev/null
    { wait $child; } 2>/dev/null
    [ $? -ne 137 ] || echo killed >>"$work/kills"
}

goes_on_to_the_same() {
    local i
    mkdir "$work/killed"
    for ((i = 1; i <= kills; i++)); do kill_once $((i % 3 + 1)); done
    [ -s "$work/kills" ] || fail "no training was killed in time" || return
    [ -e "$work/killed/s" ] || fail "no snapshot was left" || return
    (train "$work/killed" --snapshot s) || fail "$(cat "$work/train.out")" ||
        return
    cmp "$work/whole/models/catclf.json" "$work/killed/models/catclf.json" &&
        cmp "$work/whole/models/metrics.json" \
            "$work/killed/models/metrics.json" || return
    [ ! -e "$work/killed/s" ] || fail "the snapshot was left behind"
}

# A result that cannot be written leaves the snapshot of all trees.
refuses_others() {
    mkdir "$work/other"
    echo in the way >"$work/other/models"
    if (train "$work/other" --snapshot s --snapshot-interval 0); then
        fail "a file where models goes was written over" || return
    fi
    rm "$work/other/models"
    if (train "$work/other" --snapshot s --l2-leaf-reg 4); then
        fail "a snapshot of other options was taken" || return
    fi
    grep -q 'its train_params differ' "$work/train.out" ||
        fail "$(cat "$work/train.out")" || return
    if (train "$work/other" --snapshot s --splitting-params.random-state 1)
    then
        fail "a snapshot of other rows was taken" || return
    fi
    grep -q 'its training rows differ' "$work/train.out" ||
        fail "$(cat "$work/train.out")" || return
    (train "$work/other" --snapshot s) || fail "$(cat "$work/train.out")" ||
        return
    cmp "$work/whole/models/catclf.json" "$work/other/models/catclf.json"
}

prepare() {
    "$CLICKMILL" generate --rows 30000 --seed 6 --output "$work/log.csv" \
        --quiet && mkdir "$work/whole" &&
        { (train "$work/whole") || fail "$(cat "$work/train.out")"; }
}

run_case "snapshot: undisturbed run" prepare || exit 1
status=0
run_case "snapshot: $kills kills, then the same model" \
    goes_on_to_the_same || status=1
run_case "snapshot: others are refused" refuses_others || status=1
exit $status
