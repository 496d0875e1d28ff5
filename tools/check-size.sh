#!/bin/sh
# Proves the limits of length: no function over 70 lines, no file over 600.
# Prints each that is longer; exit 1 when there is one, 77 without ctags.
max_function=70
max_file=600

long_files() {
    find src include tests tools -name '*.[ch]' | while read -r file; do
        lines=$(wc -l <"$file")
        [ "$lines" -le $max_file ] ||
            echo "$file: $lines lines, more than $max_file"
    done
}

# ctags prints name, file, pattern and fields such as line:12 and end:30.
long_functions() {
    find src tests tools -name '*.c' |
        ctags -L - -f - --languages=C --kinds-C=f --fields=+ne |
        awk -F '\t' -v max=$max_function '
        {
            first = last = 0
            for (i = 4; i <= NF; i++) {
                if ($i ~ /^line:/) first = substr($i, 6)
                if ($i ~ /^end:/) last = substr($i, 5)
            }
            if (last - first + 1 > max)
                printf "%s:%d: %s() is %d lines, more than %d\n", $2, first,
                       $1, last - first + 1, max
        }'
}

if ! ctags --version 2>/dev/null | grep -q Universal; then
    echo "no universal-ctags"
    exit 77
fi
found=$(
    long_files
    long_functions
)
[ -z "$found" ] || {
    echo "$found"
    exit 1
}
