#!/bin/sh
# All checks that need no compiler: module law, lengths, formatting, markers
# left behind.  `tools/lint.sh NAME` runs one of layers, size, format, markers.
. tools/report.sh
status=0

check_format() {
    formatter=$(tools/find-clang-format.sh 2>/dev/null) || {
        echo "no clang-format"
        return 77
    }
    case $("$formatter" --version) in
    *"version 14."*) ;;
    *)
        echo "clang-format 14 decides, this is another"
        return 77
        ;;
    esac
    find src include tests tools bench examples -name '*.[ch]' -exec \
        "$formatter" --dry-run --Werror {} +
}

check_markers() {
    ! grep -rnE '\b(TODO|FIXME|XXX)\b' src include tests --include='*.[ch]'
}

for check in ${1:-layers size format markers}; do
    case $check in
    layers) run_case "lint: module law" tools/check-layers.sh ;;
    size) run_case "lint: lengths" tools/check-size.sh ;;
    format) run_case "lint: format" check_format ;;
    markers) run_case "lint: nothing left to do" check_markers ;;
    esac || status=1
done
exit $status
