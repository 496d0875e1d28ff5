#!/bin/sh
# Prints the clang-format to use; version 14 decides, being Debian 12's.
for name in clang-format-14 clang-format; do
    if command -v "$name" >/dev/null; then
        echo "$name"
        exit 0
    fi
done
echo "clang-format is missing: apt-get install clang-format-14" >&2
exit 1
