{
    "$CLICKMILL" version
    "$CLICKMILL" --version
    "$CLICKMILL" version --build
} | sed 's/[0-9][0-9]*\(\.[0-9][0-9]*\)\{2\}$/X/; s/\(  [a-z0-9-]*\) .*/\1/'
