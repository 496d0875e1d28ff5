#!/bin/bash
# Golden tests of the command line.  A case is tests/cli/NAME.sh, run by
# `sh -u` in an empty folder of its own, and what it must give:
#   NAME.stdout         standard output, exactly
#   NAME.glob           or: each line a shell pattern
#   NAME.stderr         standard error (NAME.stderr.glob: patterns), optional
#   NAME.exit           exit code, default 0
# Neither stdout nor glob: nothing may be printed.  Cases see $CLICKMILL (the
# program), $ROOT (the checkout), $DATA (real logs); exit 77 skips, the last
# line of output being the reason.
#   tests/cli/run.sh [--update] [NAME...]
set -u
here=$(realpath "$(dirname "$0")")
ROOT=${ROOT:-$(realpath "$here/../..")}
CLICKMILL=${CLICKMILL:-$ROOT/build/clickmill}
DATA=$(realpath -m "${DATA:-${CLICKMILL_TEST_DATA:-$ROOT/../shared/data}}")
export ROOT CLICKMILL DATA LC_ALL=C
unset CLICKMILL_LOG
for name in $(compgen -e MLFLOW_); do
    unset "$name"
done
. "$ROOT/tools/report.sh"

update=no
if [ "${1:-}" = --update ]; then
    update=yes
    shift
fi

# same_by_pattern PATTERNS FILE: line by line, the whole line.
same_by_pattern() {
    local -a patterns lines
    mapfile -t patterns <"$1"
    mapfile -t lines <"$2"
    local i
    for ((i = 0; i < ${#lines[@]} || i < ${#patterns[@]}; i++)); do
        # shellcheck disable=SC2053
        if [[ ${lines[i]-(no line)} != ${patterns[i]-(no line)} ]]; then
            echo "line $((i + 1))"
            echo "  expected: ${patterns[i]-(no line)}"
            echo "  found:    ${lines[i]-(no line)}"
            return 1
        fi
    done
}

# compare WHAT FOUND EXACT PATTERNS: the first of the two that exists decides.
compare() {
    if [ -e "$4" ]; then
        same_by_pattern "$4" "$2" || {
            echo "$1 is not as ${4##*/} says"
            return 1
        }
    elif [ $update = yes ] && { [ -e "$3" ] || [ "$1" = stdout ]; }; then
        if [ -s "$2" ]; then cp "$2" "$3"; else rm -f "$3"; fi
    elif [ -e "$3" ]; then
        diff -u --label "${3##*/}" --label found "$3" "$2"
    elif [ "$1" = stdout ] && [ -s "$2" ]; then
        echo "nothing expected, found:"
        cat "$2"
        return 1
    fi
}

run_one() {
    local case=$here/$1 folder expected=0 code=0 bad=0
    if grep -q '\$DATA\|\${DATA' "$case.sh" && [ ! -d "$DATA" ]; then
        echo "no folder of real logs at $DATA (CLICKMILL_TEST_DATA)"
        return 77
    fi
    folder=$(mktemp -d)
    mkdir "$folder/cwd"
    (cd "$folder/cwd" && exec sh -u "$case.sh") >"$folder/out" \
        2>"$folder/err" </dev/null || code=$?
    [ ! -e "$case.exit" ] || expected=$(cat "$case.exit")
    if [ "$code" = 77 ] && [ "$expected" != 77 ]; then
        tail -n 1 "$folder/out"
        rm -rf "$folder"
        return 77
    fi
    if [ $update = yes ]; then
        if [ "$code" = 0 ]; then rm -f "$case.exit"; else
            echo "$code" >"$case.exit"
        fi
    elif [ "$code" != "$expected" ]; then
        echo "exit $code, expected $expected; standard error:"
        cat "$folder/err"
        bad=1
    fi
    compare stdout "$folder/out" "$case.stdout" "$case.glob" || bad=1
    compare stderr "$folder/err" "$case.stderr" "$case.stderr.glob" || bad=1
    rm -rf "$folder"
    return $bad
}

status=0
if [ $# -eq 0 ]; then
    for file in "$here"/*.sh; do
        [ "$file" = "$here/run.sh" ] || set -- "$@" "$(basename "$file" .sh)"
    done
fi
for name in "$@"; do
    run_case "cli $name" run_one "$name" || status=1
done
exit $status
