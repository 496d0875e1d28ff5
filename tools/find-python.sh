#!/bin/sh
# Prints a Python that can make virtual environments; exit 1 when none can.
for python in /usr/bin/python3 python3; do
    if "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done
exit 1
