#!/bin/sh
# Proves that the public header stands alone in C11 and in C++, and that the
# shared library exports what it declares and nothing else.
header=include/clickmill.h
build=${BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
strict="-Wall -Wextra -Wpedantic -Wconversion -Werror -fsyntax-only"
printf '#include "clickmill.h"\n' >"$work/alone.c"
cp "$work/alone.c" "$work/alone.cc"
gcc -std=c11 $strict -Iinclude "$work/alone.c" || exit 1
if command -v g++ >/dev/null; then
    g++ -std=c++11 $strict -Iinclude "$work/alone.cc" || exit 1
fi

nm -D --defined-only "$build/libclickmill.so" | awk '$2 ~ /[A-Z]/ {print $3}' |
    sort >"$work/exported"
gcc -fpreprocessed -dD -E -P "$header" | grep -v '^#' |
    grep -oE '\bcm_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u >"$work/declared"
if ! [ -s "$work/declared" ]; then
    echo "$header declares nothing"
    exit 1
fi
diff -u --label "declared in $header" --label exported "$work/declared" \
    "$work/exported"
