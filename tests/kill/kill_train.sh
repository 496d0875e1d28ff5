#!/bin/bash
# kill_train.sh N: kills `clickmill train` with SIGKILL N times, spread at
# random over its whole run.  After each kill nothing half-written may be
# under a final name: every file there is, to the byte, one of the files that
# undisturbed runs leave, and bundles load.  Then the same run again succeeds
# and leaves no temporary behind.
# Odd rounds start in an empty folder, even ones over an older bundle.
set -u
kills=${1:-10}
here=$(realpath "$(dirname "$0")")
ROOT=${ROOT:-$(realpath "$here/../..")}
CLICKMILL=${CLICKMILL:-$ROOT/build/clickmill}
. "$ROOT/tools/report.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# train FOLDER TREES
train() {
    cd "$1" && exec "$CLICKMILL" train --quiet --runs-path "" \
        --config "$ROOT/configs/train_config.yaml" \
        --input-data-path "$work/log.csv" --train-params.n-estimators "$2" \
        >"$work/train.out" 2>&1
}

fail() {
    echo "$*"
    return 1
}

# Sums of all regular files under their final names.  bundle.json has a time
# in it: the bundle's own check is its proof.
sums_of() {
    (cd "$1" && find . -name '.?*' -prune -o -type f ! -name bundle.json \
        -exec sha256sum {} + | sort)
}

check_folder() {
    local folder=$1 unknown version metrics
    unknown=$(sums_of "$folder" | comm -23 - "$work/known")
    [ -z "$unknown" ] || fail "not a file that a whole run leaves: $unknown" ||
        return
    for version in "$folder"/models/versions/* "$folder"/models/current; do
        [ -e "$version" ] || continue
        "$CLICKMILL" model show "$version" >/dev/null ||
            fail "$version does not load" || return
    done
    metrics=$folder/models/metrics.json
    if [ -L "$metrics" ] && [ -e "$folder/models/current" ]; then
        grep -q log_loss "$metrics" || fail "$metrics is broken" || return
    fi
}

# kill_after SECONDS FOLDER: 1 when the run was over before.
kill_after() {
    (train "$2" 8) &
    local child=$!
    sleep "$1"
    kill -KILL $child 2>/dev/null
    { wait $child; } 2>/dev/null
    [ $? -eq 137 ]
}

round() {
    local i=$1 folder=$work/round delay left
    rm -rf "$folder"
    if ((i % 2)); then mkdir "$folder"; else cp -a "$work/older" "$folder"; fi
    # A thousandth of a second at least; the i-th part of the whole run.
    delay=$(awk -v i="$i" -v n="$kills" -v t="$duration" -v r=$RANDOM \
        'BEGIN { printf "%.4f", t * (i - 1 + r / 32768) / n / 1000 }')
    if kill_after "$delay" "$folder"; then echo killed >>"$work/killed"; fi
    check_folder "$folder" || fail "killed after $delay s" || return
    (train "$folder" 8) || fail "rerun: $(cat "$work/train.out")" || return
    check_folder "$folder" || fail "rerun after a kill at $delay s" || return
    left=$(find "$folder" -name '*.tmp*')
    [ -z "$left" ] || fail "left behind after the rerun: $left" || return
    cmp "$folder/models/catclf.json" "$work/whole/models/catclf.json"
}

prepare() {
    "$CLICKMILL" generate --rows 50000 --seed 5 --output "$work/log.csv" \
        --quiet || return
    mkdir "$work/whole" "$work/older"
    (train "$work/older" 4) || fail "$(cat "$work/train.out")" || return
    cp -a "$work/older/." "$work/whole"
    (train "$work/whole" 8) || fail "$(cat "$work/train.out")" || return
    { sums_of "$work/whole"; sums_of "$work/older"; } | sort -u >"$work/known"
    check_folder "$work/whole"
}

run_case "kill: undisturbed runs" prepare || exit 1
# The shorter of two: what kills later than the end kills nothing.
duration=
for i in 1 2; do
    mkdir "$work/timed$i"
    start=$(now_ms)
    (train "$work/timed$i" 8)
    took=$(($(now_ms) - start))
    [ -n "$duration" ] && ((duration < took)) || duration=$took
done
: >"$work/killed"
status=0
for ((i = 1; i <= kills; i++)); do
    run_case "kill $i of $kills" round "$i" || status=1
done
echo "$(wc -l <"$work/killed") of $kills runs were killed before their end"
# Rounds that ended first prove little: most must have been killed.
if (($(wc -l <"$work/killed") * 2 < kills)); then
    echo "FAIL - kill: too few runs were killed in time"
    status=1
fi
exit $status
