# How every test runner here reports, to be sourced.  One line a case on
# standard output, which ./test counts:
#   ok - NAME (SECONDS)
#   FAIL - NAME, and what it printed
#   skip - NAME: REASON
# "NAME: 12 cases" in a line counts as 12.

now_ms() {
    date +%s%3N
}

# seconds_since MS: "1.2 s"
seconds_since() {
    elapsed=$(($(now_ms) - $1))
    printf '%d.%d s' $((elapsed / 1000)) $((elapsed % 1000 / 100))
}

say_skip() {
    printf 'skip - %s: %s\n' "$1" "$2"
}

# run_case NAME COMMAND...: exit 0 is ok; 77 is a skip, its last line the
# reason; all else is a failure, shown with what it printed.
run_case() {
    case_name=$1
    shift
    case_start=$(now_ms)
    case_status=0
    case_output=$("$@" 2>&1 </dev/null) || case_status=$?
    case $case_status in
    0) printf 'ok - %s (%s)\n' "$case_name" "$(seconds_since "$case_start")" ;;
    77) say_skip "$case_name" "$(printf '%s\n' "$case_output" | tail -n 1)" ;;
    *)
        printf 'FAIL - %s (%s), exit %s\n' "$case_name" \
            "$(seconds_since "$case_start")" "$case_status"
        printf '%s\n' "$case_output" | tail -n 60 | sed 's/^/    /'
        return 1
        ;;
    esac
}
