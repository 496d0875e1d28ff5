#!/bin/bash
# Interop tests: every tests/parity/*_parity.py, and the feature matrices of
# features_golden.py, under the pinned real catboost, scikit-learn and pandas
# of tests/requirements.txt, which are put in build/venv.  A test fails by its exit code; 77 skips, the last line of output
# being the reason.  It sees $CLICKMILL, $ROOT, $BUILD (probes are in
# $BUILD/tests/parity) and $DATA.
set -u
here=$(realpath "$(dirname "$0")")
ROOT=${ROOT:-$(realpath "$here/../..")}
BUILD=${BUILD:-$ROOT/build}
CLICKMILL=${CLICKMILL:-$BUILD/clickmill}
DATA=$(realpath -m "${DATA:-${CLICKMILL_TEST_DATA:-$ROOT/../shared/data}}")
export ROOT BUILD CLICKMILL DATA LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export CLICKMILL_TEST_DATA=$DATA PYTHONPATH=$here
. "$ROOT/tools/report.sh"
cd "$ROOT" || exit 1

everything=no
if [ $# -eq 0 ]; then
    everything=yes
    set -- "$here"/*_parity.py
fi
avazu=$DATA/avazu/avazu_sample.csv

# The words a test wants on its command line.
arguments_of() {
    case $1 in
    cbm_parity | export_c_parity)
        echo "$BUILD/tests/parity/probe_model"
        ;;
    explain_parity)
        echo "$BUILD/tests/parity/probe_explain"
        ;;
    figures_parity)
        echo "$BUILD/tests/parity/probe_figures"
        ;;
    foreign_parity)
        echo "$BUILD/tests/parity/probe_foreign"
        ;;
    rounding_parity)
        echo "$BUILD/tests/parity/probe_rounding"
        ;;
    model_parity)
        echo "$BUILD/tests/parity/probe_borders"
        echo "$BUILD/tests/parity/probe_model"
        [ ! -e "$avazu" ] || echo "$avazu"
        ;;
    esac
}

if ! reason=$(tools/make-venv.sh "$BUILD/venv" tests/requirements.txt 2>&1)
then
    for test in "$@"; do
        say_skip "parity $(basename "$test" .py)" \
            "no Python packages: $(printf '%s\n' "$reason" | tail -n 1)"
    done
    exit 0
fi
# features_equal LOG: `clickmill features` gives pandas' values, to
# the bit.
features_equal() {
    local log=$1 python=$BUILD/venv/bin/python
    rm -rf "$work/golden" "$work/ours"
    "$python" "$here/features_golden.py" "$log" "$work/golden" &&
        "$CLICKMILL" features --config configs/train_config.yaml --quiet \
            --input "$log" --output "$work/ours" &&
        "$python" "$here/features_golden.py" --compare "$work/golden" \
            "$work/ours"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
if [ $everything = yes ]; then
    "$CLICKMILL" generate --rows 50000 --seed 9 --output "$work/log.csv" \
        --quiet || status=1
    run_case "parity features, generated log" features_equal \
        "$work/log.csv" || status=1
    [ ! -e "$avazu" ] || run_case "parity features, Avazu sample" \
        features_equal "$avazu" || status=1
fi
for test in "$@"; do
    name=$(basename "$test" .py)
    mapfile -t arguments < <(arguments_of "$name")
    run_case "parity $name" "$BUILD/venv/bin/python" "$test" \
        "${arguments[@]}" || status=1
done
[ -e "$avazu" ] || say_skip "parity on real rows" \
    "no $avazu (CLICKMILL_TEST_DATA)"
exit $status
