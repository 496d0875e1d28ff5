#!/bin/sh
# Proves the module law: every internal include is written "module/file.h",
# and tools/layers.txt says which modules a module may include.  Prints each
# violation; exit 1 when there is one.
grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"[a-z0-9_]+/' src |
awk -F: '
BEGIN {
    while ((getline line < "tools/layers.txt") > 0) {
        if (line ~ /^#/ || line == "") continue
        module = line; sub(/:.*/, "", module)
        allowed[module, module] = known[module] = 1
        sub(/^[^:]*:/, "", line)
        n = split(line, names, " ")
        for (i = 1; i <= n; i++) allowed[module, names[i]] = 1
    }
}
{
    split($1, path, "/"); from = path[2]
    to = $0; sub(/^[^"]*"/, "", to); sub(/\/.*/, "", to)
    if (!known[from] || !allowed[from, to]) {
        printf "%s:%s: %s may not include %s\n", $1, $2, from, to
        bad = 1
    }
}
END { exit bad }'
